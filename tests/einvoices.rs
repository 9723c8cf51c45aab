//! Final documents as electronic invoices: valid by the official rules and right to the cent, whatever
//! they are and whoever they are for; and what is not valid shows.

mod corpus;
mod door;
mod official;
mod real;
mod regimes;
mod wrong;
