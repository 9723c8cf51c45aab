//! The `palier` command.

mod cli;
mod document;

fn main() -> std::process::ExitCode {
    cli::main()
}
