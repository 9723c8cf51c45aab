//! Reads a transcript of a terminal, and compares it with what the commands print.

use std::ops::Range;

/// A command, and where its output is shown.
#[derive(Debug, PartialEq)]
pub(super) struct Step {
    pub(super) command: String,
    /// Lines of the file, counted from 0: the start is the command's own line counted from 1.
    pub(super) output: Range<usize>,
}

/// The steps in the `console` blocks of these lines of Markdown.
pub(super) fn steps(lines: &[&str]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut fence = None;
    for ((here, next), line) in (0..).zip(1..).zip(lines) {
        if line.starts_with("```") {
            fence = fence.xor(Some((*line, next)));
            continue;
        }
        let Some(("```console", first)) = fence else {
            continue;
        };
        if let Some(command) = line.strip_prefix("$ ") {
            let (command, output) = (command.to_owned(), next..next);
            steps.push(Step { command, output });
            continue;
        }
        assert_ne!(here, first, "README.md:{next}: the block must begin with `$ `");
        let step = steps.last_mut().unwrap();
        if step.command.ends_with('\\') && step.output.is_empty() {
            step.command += "\n";
            step.command += line.strip_prefix("> ").unwrap_or(line);
            step.output = next..next;
        } else if !line.is_empty() {
            step.output.end = next;
        }
    }
    steps
}

/// Lines as a reader sees them, without the blanks at their ends.
pub(super) fn as_lines(printed: &str) -> Vec<&str> {
    printed.trim_end().lines().map(str::trim_end).collect()
}

/// Whether the lines shown, with their `...` and `[..]`, stand for the lines printed.
pub(super) fn agree(shown: &[&str], printed: &[&str]) -> bool {
    match (shown, printed) {
        ([], []) => true,
        (["...", rest @ ..], _) => (0..=printed.len()).any(|n| agree(rest, &printed[n..])),
        ([left, lefts @ ..], [right, rights @ ..]) => {
            lines_agree(left.trim_end(), right) && agree(lefts, rights)
        }
        _ => false,
    }
}

fn lines_agree(shown: &str, printed: &str) -> bool {
    let Some((head, rest)) = shown.split_once("[..]") else {
        return shown == printed;
    };
    printed.strip_prefix(head).is_some_and(|tail| {
        let mut ends = (0..=tail.len()).filter(|&n| tail.is_char_boundary(n));
        ends.any(|n| lines_agree(rest, &tail[n..]))
    })
}

#[test]
fn only_console_blocks_are_read() {
    let text = "```sh\n$ no\n```\n```console\n$ a \\\n> b\nc\n\n$ d\n```\n```\n$ no\n```";
    let lines: Vec<_> = text.lines().collect();
    let step = |command: &str, output| Step { command: command.to_owned(), output };
    assert_eq!(steps(&lines), [step("a \\\nb", 6..7), step("d", 9..9)]);
}

#[test]
fn an_ellipsis_stands_for_lines_and_brackets_for_part_of_one() {
    assert!(agree(&["one", "...", "four"], &["one", "two", "three", "four"]));
    assert!(agree(&["took [..] ms, [..]"], &["took 12 ms, well"]));
    assert!(!agree(&["took [..] ms"], &["took 12 s"]));
    assert!(!agree(&["...", "four"], &["one"]));
    assert!(!agree(&["one"], &["one", "two"]));
}
