//! `pollmark build`: another pollmark binary, of other versions of its packages, to compare with.
//!
//! [`sources`] finds the sources and copies them, [`manifest`] lets the copy take other versions,
//! and [`cargo`] builds it. Nothing but the binary is written outside of the cache.

mod cargo;
mod manifest;
mod sources;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use self::cargo::Cargo;
use self::sources::{Cache, Sources};
use crate::args::BuildArgs;
use crate::output::file::Program;
use crate::output::file::trouble::FileTrouble;
use crate::output::sink::Output;
use crate::process::{hello, interrupt};
use crate::text::messages;
use crate::text::suggest::unknown;

/// Builds the binary. Returns whether that went well; if not, it was told why.
///
/// # Errors
///
/// [`Interrupted`](crate::process::interrupt::Interrupted) after Ctrl-C, which stops cargo. There
/// are no sources, a package is none of theirs, a file cannot be written, or there is no cargo.
pub(crate) fn build(args: &BuildArgs) -> Result<bool> {
    interrupt::listen_to_all()?;
    let output = output(args);
    let trouble = || FileTrouble(format!("cannot make {}", shown(&output)));
    let place = Program::at(&output).with_context(trouble)?;
    let sources = Sources::find()?;
    are_packages(args, &sources.lock)?;
    let cache = Cache::held()?;
    let copy = sources.copied_into(&cache)?;
    allow_versions(args, &copy)?;
    let cargo = Cargo {
        folder: &copy,
        sources: &sources.folder,
        target: cache.target(&flags(args)),
        toolchain: args.rustc.as_deref(),
        flags: flags(args),
    };
    for package in &args.packages {
        if !cargo.update(&package.name, package.version.as_deref())? {
            return Ok(false);
        }
    }
    let Some(made) = cargo.build(args.relink)? else {
        return Ok(false);
    };
    if let Err(error) = is_as_asked(args, &made, &sources::lock_of(&copy)?) {
        messages::complain(&error.context("what cargo made is not as asked"));
        return Ok(false);
    }
    place.put(&made).with_context(trouble)?;
    told(args, &output, &copy)
}

/// Whether the lock file and the binary have what was asked for.
fn is_as_asked(args: &BuildArgs, made: &Path, lock: &str) -> Result<()> {
    let has = hello::versions(made)?;
    for package in &args.packages {
        let name = &package.name;
        if let (None, Some((url, revision))) = (&package.version, &args.git)
            && !manifest::is_from(lock, name, url, revision)
        {
            bail!("`{name}` does not come from {url} at {revision}");
        }
        let Some(has) = has.get(name) else {
            continue;
        };
        let locked = manifest::versions(lock, name);
        if !locked.contains(has) || package.version.as_ref().is_some_and(|asked| asked != has) {
            bail!("it was built of {name} {has}");
        }
    }
    Ok(())
}

/// The line that uses the binary, after the versions that it has.
fn told(args: &BuildArgs, output: &Path, copy: &Path) -> Result<bool> {
    let lock = sources::lock_of(copy)?;
    let versions = args.packages.iter().map(|package| {
        let versions = manifest::versions(&lock, &package.name).join(" and ");
        format!(" {} {versions}", package.name)
    });
    let versions: Vec<String> = versions.collect();
    let of = match versions.is_empty() {
        true => String::new(),
        false => format!(" of{}", versions.join(",")),
    };
    let (name, path) = (if args.relink { "same" } else { "other" }, shown(output));
    let floor = if args.relink {
        " --layout-floor same"
    } else {
        ""
    };
    let text = format!(
        "made {path}{of}\n\
         compare with it: pollmark compare CELL --build {name}={path}{floor}\n"
    );
    Output::stdout().write(text.as_bytes()).map(|()| true)
}

/// The file to make: `pollmark-tokio-1.50.0`.
fn output(args: &BuildArgs) -> PathBuf {
    if let Some(path) = &args.output {
        return path.clone();
    }
    let mut name = "pollmark".to_owned();
    let mut add = |part: &str| {
        let plain = |letter: char| match letter.is_ascii_alphanumeric() || "-_.".contains(letter) {
            true => letter,
            false => '_',
        };
        name.extend(std::iter::once('-').chain(part.chars().map(plain)));
    };
    for package in &args.packages {
        add(&package.name);
        let revision = args.git.as_ref().map(|(_, revision)| revision.as_str());
        package
            .version
            .as_deref()
            .or(revision)
            .into_iter()
            .for_each(&mut add);
    }
    args.cfg.iter().for_each(|cfg| add(cfg));
    args.rustc.iter().for_each(|rustc| add(rustc));
    args.relink.then(|| add("relinked"));
    PathBuf::from(name)
}

/// As the shell finds it: a program in the current folder begins with a dot.
fn shown(path: &Path) -> String {
    let is_bare = path
        .parent()
        .is_some_and(|folder| folder.as_os_str().is_empty());
    let dot = if is_bare { "./" } else { "" };
    format!("{dot}{}", path.display())
}

/// Each package is one of the lock file, once, and has a version or comes from a repository.
fn are_packages(args: &BuildArgs, lock: &str) -> Result<()> {
    for (index, package) in args.packages.iter().enumerate() {
        let name = &package.name;
        if args.packages[..index]
            .iter()
            .any(|other| other.name == *name)
        {
            bail!("`{name}` is named twice; a build has one version of it");
        }
        if manifest::versions(lock, name).is_empty() {
            return Err(unknown("package", name, manifest::RUNTIMES)
                .context("pollmark does not depend on it"));
        }
        match (&package.version, &args.git) {
            (Some(_), Some(_)) => {
                bail!("`{name}` has a version, and --git says where packages without one come from")
            }
            (None, None) => bail!("`{name}` has no version: write {name}=VERSION, or add --git"),
            _ => {}
        }
    }
    Ok(())
}

/// Changes the manifests of the copy so that they take what is asked for.
fn allow_versions(args: &BuildArgs, copy: &Path) -> Result<()> {
    for path in sources::manifests(copy)? {
        let text = fs::read_to_string(&path)?;
        let mut lowered = manifest::lowered(&text)?;
        if let Some((url, revision)) = &args.git
            && path.parent() == Some(copy)
        {
            let names = args.packages.iter().map(|package| package.name.as_str());
            lowered = manifest::patched(&lowered, names, url, revision)?;
        }
        fs::write(&path, lowered)?;
    }
    Ok(())
}

/// The compiler's flags for all packages.
fn flags(args: &BuildArgs) -> String {
    let given = std::env::var("RUSTFLAGS").unwrap_or_default();
    let cfgs = args.cfg.iter().map(|cfg| format!("--cfg {cfg}"));
    let flags = [given].into_iter().chain(cfgs);
    let flags: Vec<String> = flags.filter(|flag| !flag.is_empty()).collect();
    flags.join(" ")
}
