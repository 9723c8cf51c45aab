//! The `palier` command.

fn main() {}
