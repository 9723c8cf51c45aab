//! `palier usage import`.

mod files;
mod refused;
mod resumed;
mod shared;

const HEADER: &str = "id,member,meter,time,quantity\n";
