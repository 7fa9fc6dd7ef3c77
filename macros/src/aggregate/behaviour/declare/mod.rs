//! `#[command(pub Deposit)]`: a command that is declared by the method that decides on it. Its fields are the parameters.

mod expand;
mod model;
mod parse;

pub(super) use expand::expand_all;
pub(super) use model::Declared;
use model::Field;
pub(super) use parse::{Head, read_head, read_parameters, with_parameters};
