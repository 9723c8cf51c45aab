//! The `palier` command.

mod cli;
mod document;
mod text;

fn main() -> std::process::ExitCode {
    cli::main()
}
