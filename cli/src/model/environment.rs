//! The machine and the build that produced the results.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{fmt, fs, thread};

use pollmark_core::time::nanos;
use serde::{Deserialize, Serialize};

/// The number of sleeps from which the timer's floor is derived.
const SLEEPS: usize = 25;

/// The machine and the build with which results were made. A field that cannot be
/// determined is null.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Environment {
    os: String,
    kernel: Option<String>,
    cpu_model: Option<String>,
    /// CPUs that this process may use.
    cpus: Option<usize>,
    /// The CPU time that a control group allows, in CPUs.
    cpu_quota: Option<f64>,
    governor: Option<String>,
    rustc: Option<String>,
    profile: Option<String>,
    /// Always `null`: a build is not told whether link-time optimisation is on.
    lto: Option<String>,
    allocator: String,
    git_commit: Option<String>,
    /// The flags that the compiler was given beside cargo's own, such as `--cfg tokio_unstable`.
    #[serde(default)]
    rustflags: Option<String>,
    versions: BTreeMap<String, String>,
    /// The median time of a 1 us sleep on this machine: no timer is finer. Null if it was not
    /// measured.
    #[serde(default)]
    timer_floor_ns: Option<u64>,
    /// The reasons why figures of this machine or build are less certain.
    pub(crate) warnings: Vec<String>,
    /// The environments of the other builds whose cells stand beside this one's, by name; results
    /// have them beside this environment.
    #[serde(skip)]
    pub(crate) builds: BTreeMap<String, Environment>,
}

/// The packages that this binary was built of, with their versions.
fn built_of() -> impl Iterator<Item = (&'static str, &'static str)> {
    let versions = env!("POLLMARK_VERSIONS").split(' ');
    versions.filter_map(|version| version.split_once('='))
}

/// The version of a package that this binary was built of, if it is known.
pub(crate) fn version_of(package: &str) -> Option<&'static str> {
    let found = built_of().find(|(name, _)| *name == package);
    found.map(|(_, version)| version)
}

impl Environment {
    pub(crate) fn look() -> Self {
        let mut environment = Environment {
            os: std::env::consts::OS.to_owned(),
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
            allocator: "system".to_owned(),
            git_commit: built_with(env!("POLLMARK_COMMIT")),
            rustflags: built_with(env!("POLLMARK_RUSTFLAGS")),
            versions: built_of()
                .map(|(name, version)| (name.to_owned(), version.to_owned()))
                .collect(),
            timer_floor_ns: None,
            warnings: Vec::new(),
            builds: BTreeMap::new(),
        };
        environment.warnings = environment.doubts();
        environment
    }

    /// Like [`look`](Environment::look), but also measures the resolution of the system's timers,
    /// which takes some milliseconds.
    pub(crate) fn look_at_timer() -> Self {
        let sleep = |_| {
            let started = Instant::now();
            thread::sleep(Duration::from_micros(1));
            nanos(started.elapsed())
        };
        let mut slept: Vec<u64> = (0..SLEEPS).map(sleep).collect();
        slept.sort_unstable();
        Environment {
            timer_floor_ns: Some(slept[SLEEPS / 2]),
            ..Environment::look()
        }
    }

    /// Why figures of the two cannot be compared with each other; `None` if they can.
    pub(crate) fn differs_from(&self, other: &Environment) -> Option<String> {
        let differ = |what: &str, one: &dyn fmt::Debug, other: &dyn fmt::Debug| {
            let (one, other) = (format!("{one:?}"), format!("{other:?}"));
            (one != other).then(|| format!("{what} is {one} and was {other}"))
        };
        let differences = [
            differ("the CPU", &self.cpu_model, &other.cpu_model),
            differ("the number of CPUs", &self.cpus, &other.cpus),
            differ("the CPU quota", &self.cpu_quota, &other.cpu_quota),
            differ("the system", &self.os, &other.os),
            differ("the build profile", &self.profile, &other.profile),
        ];
        let told: Vec<String> = differences.into_iter().flatten().collect();
        (!told.is_empty()).then(|| told.join(", "))
    }

    /// Other differences, which may explain a change that is not the code's.
    pub(crate) fn doubts_beside(&self, other: &Environment) -> Vec<String> {
        let pairs = [
            ("the compiler", &self.rustc, &other.rustc),
            (
                "the set of compiler flags",
                &self.rustflags,
                &other.rustflags,
            ),
            ("the kernel", &self.kernel, &other.kernel),
            ("the governor", &self.governor, &other.governor),
        ];
        let differs = pairs.into_iter().filter(|(_, one, other)| one != other);
        differs
            .map(|(what, one, other)| {
                let told = |text: &Option<String>| text.clone().unwrap_or("unknown".to_owned());
                format!("{what} is {} and was {}", told(one), told(other))
            })
            .collect()
    }

    /// The machine and the build, in one line.
    pub(crate) fn in_a_line(&self) -> String {
        let unknown = || "unknown".to_owned();
        let floor = self.timer_floor_ns.map_or_else(String::new, |nanos| {
            format!("; a sleep of 1 us takes {} us", nanos / 1000)
        });
        let builds: Vec<String> = (self.builds.iter())
            .map(|(name, other)| format!("; {name}: {}", other.build_in_words()))
            .collect();
        format!(
            "{}, {} CPUs, {} {}; {}{floor}{}",
            self.cpu_model.clone().unwrap_or_else(unknown),
            self.cpus.map_or_else(unknown, |cpus| cpus.to_string()),
            self.os,
            self.kernel.clone().unwrap_or_default(),
            self.build_in_words(),
            builds.concat(),
        )
    }

    /// The build, without the machine.
    fn build_in_words(&self) -> String {
        let unknown = || "unknown".to_owned();
        let version = |name: &str| {
            let version = self.versions.get(name);
            version.map_or_else(String::new, |version| format!(", {name} {version}"))
        };
        let flags = self.rustflags.as_ref();
        let flags = flags.map_or_else(String::new, |flags| format!(", {flags}"));
        format!(
            "{} build, {}{}{flags}",
            self.profile.clone().unwrap_or_else(unknown),
            self.rustc.clone().unwrap_or_else(unknown),
            ["tokio", "smol", "async-std"].map(version).concat(),
        )
    }

    /// The reasons why the figures of the other builds' cells are less certain beside this one's.
    pub(crate) fn doubts_of_builds(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        for (name, other) in &self.builds {
            let new = |warning: &&String| !self.warnings.contains(warning);
            let own = other.warnings.iter().filter(new);
            doubts.extend(own.map(|warning| format!("{name}: {warning}")));
            if other.profile != self.profile {
                let told = |profile: &Option<String>| profile.clone().unwrap_or_default();
                let (one, this) = (told(&other.profile), told(&self.profile));
                doubts.push(format!(
                    "{name} is a {one} build, and this is a {this} build"
                ));
            }
            if other.git_commit != self.git_commit {
                doubts.push(format!(
                    "{name} was built from another commit of pollmark: its programs may differ"
                ));
            }
        }
        doubts
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

fn built_with(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
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

/// The CPU quota of this process in CPUs: the tightest that its control groups set.
fn cpu_quota() -> Option<f64> {
    let groups = read("/proc/self/cgroup")?;
    let own = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let mut folder = PathBuf::from("/sys/fs/cgroup");
    folder.push(own.trim_start_matches('/'));
    let limits = folder
        .ancestors()
        .take_while(|folder| folder.starts_with("/sys/fs/cgroup"))
        .filter_map(|folder| quota(&read(folder.join("cpu.max").to_str()?)?));
    limits.min_by(f64::total_cmp)
}

/// Parses `MAX PERIOD` in microseconds, or `max PERIOD` if there is no quota.
fn quota(limit: &str) -> Option<f64> {
    let (quota, period) = limit.split_once(' ')?;
    let quota: f64 = quota.parse().ok()?;
    let period: f64 = period.parse().ok()?;
    Some(quota / period)
}

fn load() -> Option<f64> {
    read("/proc/loadavg")?.split(' ').next()?.parse().ok()
}
