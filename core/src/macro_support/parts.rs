//! Commands of one aggregate that stand in several `impl` blocks, put together when the program is compiled.

use super::stand_in::Constant;
use crate::dispatch::AnyCommand;
use crate::{Command, CommandInfo, Handle, Payload, PayloadError};

/// The parts of an aggregate that has none: a constant of its own comes before that of a trait.
pub trait Undivided {
    const __PARTS: &'static [&'static str] = &[];
}

impl<T> Undivided for T {}

/// Stands for every part, after a mistake in the block that lists them.
pub const ANY: &str = "…";

/// What there is to know about a command. If the constant is an error, so is this.
pub trait InfoOf<A, C> {
    const INFO: CommandInfo;
}

impl<A: Handle<C>, C: Command> InfoOf<A, C> for Constant<true> {
    const INFO: CommandInfo = CommandInfo::of::<A, C>();
}

/// Whether a part is among those that the aggregate lists.
pub const fn lists(parts: &[&str], part: &str) -> bool {
    let mut at = 0;
    while at < parts.len() {
        if is_same(parts[at], part) || is_same(parts[at], ANY) {
            return true;
        }
        at += 1;
    }
    false
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// How many commands there are in all parts.
pub const fn count(parts: &[&[CommandInfo]]) -> usize {
    let (mut part, mut count) = (0, 0);
    while part < parts.len() {
        count += parts[part].len();
        part += 1;
    }
    count
}

/// The commands of all parts, in their order. `N` is what [`count`] says.
pub const fn joined<const N: usize>(parts: &[&[CommandInfo]]) -> [CommandInfo; N] {
    let mut all = [CommandInfo { name: "", services: Vec::new, read: nothing }; N];
    let (mut part, mut next) = (0, 0);
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() {
            all[next] = parts[part][at];
            next += 1;
            at += 1;
        }
        part += 1;
    }
    all
}

/// Never called: each place is taken by a command.
fn nothing(_: &Payload) -> Result<Box<dyn AnyCommand>, PayloadError> {
    Err(PayloadError::Json(serde::de::Error::custom("there is no such command")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn command(name: &'static str) -> CommandInfo {
        CommandInfo { name, services: Vec::new, read: nothing }
    }

    #[test]
    fn the_commands_of_all_parts_are_in_order() {
        const PARTS: &[&[CommandInfo]] = &[&[command("a"), command("b")], &[], &[command("c")]];
        const ALL: [CommandInfo; count(PARTS)] = joined(PARTS);
        assert_eq!(ALL.map(|command| command.name), ["a", "b", "c"]);
    }

    #[test]
    fn a_part_is_listed_by_its_whole_name() {
        assert!(lists(&["pricing", "shipping"], "shipping"));
        assert!(!lists(&["pricing", "shipping"], "ship"));
        assert!(!lists(&[], "shipping"));
        assert!(lists(&[ANY], "shipping"));
    }
}
