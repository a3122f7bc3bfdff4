//! The machine and the build that results belong to.

use std::collections::BTreeMap;
use std::fs;

use serde::Serialize;

/// Where and with what results were made. What cannot be found out is null.
#[derive(Debug, Serialize)]
pub(crate) struct Environment {
    os: &'static str,
    kernel: Option<String>,
    cpu_model: Option<String>,
    /// CPUs that this process may use.
    cpus: Option<usize>,
    /// CPUs' worth of time that a control group allows.
    cpu_quota: Option<f64>,
    governor: Option<String>,
    rustc: Option<&'static str>,
    profile: Option<&'static str>,
    lto: Option<&'static str>,
    allocator: &'static str,
    git_commit: Option<&'static str>,
    versions: BTreeMap<&'static str, &'static str>,
    /// What makes figures of this machine or build less sure.
    pub(crate) warnings: Vec<String>,
}

impl Environment {
    pub(crate) fn look() -> Self {
        let mut environment = Environment {
            os: std::env::consts::OS,
            kernel: read("/proc/sys/kernel/osrelease"),
            cpu_model: cpu_model(),
            cpus: std::thread::available_parallelism()
                .ok()
                .map(|cpus| cpus.get()),
            cpu_quota: cpu_quota(),
            governor: read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            rustc: built_with(env!("POLLMARK_RUSTC")),
            profile: built_with(env!("POLLMARK_PROFILE")),
            lto: None,
            allocator: "system",
            git_commit: built_with(env!("POLLMARK_COMMIT")),
            versions: env!("POLLMARK_VERSIONS")
                .split(' ')
                .filter_map(|version| version.split_once('='))
                .collect(),
            warnings: Vec::new(),
        };
        environment.warnings = environment.doubts();
        environment
    }

    fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        if env!("POLLMARK_OPT_LEVEL") == "0" {
            doubts.push("built without optimisation; use `cargo run --release`".to_owned());
        }
        if let (Some(quota), Some(cpus)) = (self.cpu_quota, self.cpus)
            && quota < cpus as f64
        {
            doubts.push(format!(
                "a control group allows {quota} CPUs of time, and {cpus} CPUs to spend it on"
            ));
        }
        if let Some(governor) = &self.governor
            && governor != "performance"
        {
            doubts.push(format!(
                "the CPU governor is `{governor}`, not `performance`"
            ));
        }
        if let (Some(load), Some(cpus)) = (load(), self.cpus)
            && load > cpus as f64
        {
            doubts.push(format!("the load average is {load} on {cpus} CPUs"));
        }
        doubts
    }
}

fn built_with(value: &'static str) -> Option<&'static str> {
    (!value.is_empty()).then_some(value)
}

fn read(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned())
}

fn cpu_model() -> Option<String> {
    let cpuinfo = read("/proc/cpuinfo")?;
    let line = cpuinfo
        .lines()
        .find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// `MAX PERIOD` in microseconds, or `max PERIOD` without a quota.
fn cpu_quota() -> Option<f64> {
    let limit = read("/sys/fs/cgroup/cpu.max")?;
    let (quota, period) = limit.split_once(' ')?;
    let quota: f64 = quota.parse().ok()?;
    let period: f64 = period.parse().ok()?;
    Some(quota / period)
}

fn load() -> Option<f64> {
    read("/proc/loadavg")?.split(' ').next()?.parse().ok()
}
