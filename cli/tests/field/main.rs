//! Small reproductions of situations that people met in public, each run on the runners: the
//! figures, and the findings of its trace.

#![allow(dead_code, reason = "a program that has no test yet is still compiled")]

mod block_in_place;
mod channel_cycle;
mod every_runner;
mod futurelock;
mod inside_one_task;
mod interval_drift;
mod lab;
mod lifo_slot;
mod nested_block_on;
mod nested_pool;
mod no_yield_timeout;
mod select_loses;
mod timeout_cancels;
mod unordered_quadratic;
