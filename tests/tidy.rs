//! What no single test owns: format, lints, documentation, licences, and the shape of the house.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

use palier_tests::{Finished, cargo, skip, skip_unless_ci, workspace};

#[test]
fn code_is_formatted() {
    must_pass(&mut cargo("fmt --all --check -- --color=never"), "cargo fmt --all");
}

#[test]
fn clippy_has_nothing_to_say() {
    must_pass(
        &mut cargo("clippy --workspace --all-targets --locked -- -D warnings"),
        "cargo clippy --workspace --all-targets --fix --allow-dirty, and the rest by hand",
    );
}

#[test]
fn documentation_builds_without_a_warning() {
    must_pass(
        cargo("doc --workspace --no-deps --locked").env("RUSTDOCFLAGS", "-D warnings"),
        "cargo doc --workspace --no-deps shows what to write",
    );
}

/// Advisories are left out on purpose: see `deny.toml`.
#[test]
fn dependencies_are_allowed() {
    let version = Finished::from(&mut cargo("deny --version"));
    if !version.status.success() {
        let missing = "cargo-deny is not installed: bans, licences and sources are NOT checked";
        return skip_unless_ci(missing);
    }
    must_pass(
        &mut cargo("deny --locked check bans licenses sources"),
        "another dependency, or a line with its reason in deny.toml",
    );
}

/// The price of a pool depends on its tariff and its usage, and on nothing that a machine, a
/// network or a clock could change.
#[test]
fn billing_is_pure() {
    // Some do IO, and the others are what any crate that does IO ends in.
    const IO: &str = "actix async-std clap curl diesel getrandom hyper lettre libc libsqlite3-sys \
        mio pq-sys r2d2 rand reqwest rustix smol socket2 tokio tracing";
    let is_io = |name: &str| IO.split(' ').any(|io| io == name);
    let tree = "tree --package palier-billing --edges normal --prefix none --locked";
    let tree = Finished::from(&mut cargo(tree)).success();
    let impure: Vec<_> = tree
        .lines()
        .skip(1) // palier-billing itself
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| {
            let family = name.split(['-', '_']).next().unwrap_or(name);
            is_io(name) || is_io(family) || family == "palier"
        })
        .collect();
    assert!(impure.is_empty(), "palier-billing must not depend on {impure:?}:\n{tree}");
}

#[test]
fn top_level_holds_only_what_was_agreed() {
    const AGREED: &str = "Cargo.toml Cargo.lock api billing migrations openapi tests README.md \
        ARCHITECTURE.md CHANGELOG.md LICENSE rust-toolchain.toml rustfmt.toml clippy.toml deny.toml";
    let listed = Finished::from(Command::new("git").arg("ls-files").current_dir(workspace()));
    if !listed.status.success() {
        return skip("not a git checkout: the layout is NOT checked");
    }
    let strangers: Vec<_> = listed
        .stdout
        .lines()
        .filter_map(|path| path.split('/').next())
        .filter(|entry| !entry.starts_with('.') && AGREED.split(' ').all(|agreed| agreed != *entry))
        .collect();
    assert!(
        strangers.is_empty(),
        "{strangers:?}: put it in one of the folders, or agree on a new one here"
    );
}

/// Runs a tool over the whole workspace, one at a time: together they would only wait for each
/// other's lock.
#[track_caller]
fn must_pass(tool: &mut Command, mend: &str) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let finished = Finished::from(tool);
    assert!(finished.status.success(), "{finished}\nTo mend: {mend}");
}
