//! Every `console` block of README.md is run, and must print what it shows.
//!
//! - `$ ` begins a command, for `sh`. One that ends in `\` goes on in the next line, after `> `.
//! - Below it stands all it prints, errors included, and `[exit status: 1]` where it fails. Blank
//!   lines at the end say nothing; a line `...` stands for any lines, `[..]` for part of a line.
//! - The commands run in order, in one scratch folder that links to the folders of the workspace:
//!   one may write a file and the next read it.
//! - `cargo` commands are not run, nor is a block of any other kind (`sh`, `console ignore`).
//!
//! `BLESS=1 cargo test readme` writes into README.md what the commands print now.

mod transcript;

use std::path::Path;

use palier_tests::{Finished, command, workspace};

use transcript::{Step, agree, as_lines, steps};

#[test]
fn readme_shows_what_palier_prints() {
    let path = workspace().join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();

    let scratch = scratch();
    let mut wrong: Vec<(Step, String)> = Vec::new();
    for step in steps(&lines) {
        if step.command.split(' ').any(|word| word == "cargo") {
            continue; // `cargo test` would end up here again
        }
        let printed = printed_by(&step.command, scratch.path());
        if !agree(&lines[step.output.clone()], &as_lines(&printed)) {
            wrong.push((step, printed));
        }
    }

    if std::env::var_os("BLESS").is_some() && !wrong.is_empty() {
        for (step, printed) in wrong.iter().rev() {
            lines.splice(step.output.clone(), as_lines(printed));
        }
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        return;
    }
    for (step, printed) in &wrong {
        let shown = lines[step.output.clone()].join("\n");
        eprintln!("README.md:{}: $ {}", step.output.start, step.command);
        eprintln!("--- README.md shows\n{shown}\n+++ it prints\n{printed}\n");
    }
    let mend = "To mend: BLESS=1 cargo test readme, then read the difference";
    assert!(wrong.is_empty(), "{mend}");
}

/// A folder that looks like the workspace, where commands may leave files behind.
fn scratch() -> tempfile::TempDir {
    let scratch = tempfile::tempdir().unwrap();
    for folder in ["api", "billing", "migrations", "openapi", "tests"] {
        let link = scratch.path().join(folder);
        std::os::unix::fs::symlink(workspace().join(folder), link).unwrap();
    }
    scratch
}

fn printed_by(line: &str, folder: &Path) -> String {
    let mut shell = command("sh");
    shell.current_dir(folder).arg("-c").arg(format!("exec 2>&1\n{line}"));
    let Finished { status, stdout, .. } = Finished::from(&mut shell);
    match (status.success(), stdout.trim_end()) {
        (true, printed) => printed.to_owned(),
        (false, "") => format!("[{status}]"),
        (false, printed) => format!("{printed}\n[{status}]"),
    }
}
