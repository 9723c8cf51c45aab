//! What is not paid in time: letters on their days, what they claim, and what stops them.

mod alone;
mod letters;
mod money;
mod penalties;
mod setting;
mod suspension;
mod trouble;
