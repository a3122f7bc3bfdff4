//! The arguments of `pollmark build`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::values::{self, Package};

#[derive(Debug, Args)]
#[command(override_usage = "pollmark build [OPTIONS] [CRATE[=VERSION]]...")]
#[command(group = ArgGroup::new("change").required(true).multiple(true))]
pub(crate) struct BuildArgs {
    /// Packages to change, with their versions; with --git also without one
    #[arg(value_name = "CRATE[=VERSION]", value_parser = values::package, group = "change")]
    pub(crate) packages: Vec<Package>,

    /// Git repository, at a revision, of the packages that are named without a version
    #[arg(long, value_name = "URL#REV", value_parser = values::git, requires = "packages")]
    pub(crate) git: Option<(String, String)>,

    /// Flag that all packages are compiled with, such as tokio_unstable
    #[arg(long, value_name = "FLAG", value_delimiter = ',', value_parser = values::cfg, group = "change")]
    pub(crate) cfg: Vec<String>,

    /// Toolchain that rustup has, such as nightly. Default: the one in use
    #[arg(long, value_name = "TOOLCHAIN", group = "change")]
    pub(crate) rustc: Option<String>,

    /// Links the same code in another order: what `compare` then shows beside this binary is
    /// the effect of the layout alone. Needs the linker lld, which rustc uses on x86-64 Linux
    #[arg(long, group = "change")]
    pub(crate) relink: bool,

    /// File to make. Default: a name that tells the changes, in the current folder
    #[arg(long, short, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
}
