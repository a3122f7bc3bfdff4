//! The scenarios on the virtual clock: values, order, and times to the nanosecond.

mod benchmarks;
mod experiments;
mod no_steal;
mod shops_random;
mod steps_and_groups;
mod streams_and_queues;
mod sums_jobs_searches;
