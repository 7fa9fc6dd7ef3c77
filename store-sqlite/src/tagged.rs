//! Events that are found by their tags: for filtered reading, and for conditions.

use annals_core::store::{Criterion, Filter};
use annals_core::{Position, Tag};
use rusqlite::{Connection, params};

use crate::error::Result;
use crate::memory::Memory;
use crate::row::{EventRow, place};
use crate::sql::{prepare, sql};

/// Positions that are taken from the index of one tag at a time.
const CANDIDATES: usize = 1_024;

/// Positions above `after` and up to `reached` at which the filter may match: every match there is among them.
pub(crate) struct Candidates {
    pub(crate) positions: Vec<Position>,
    pub(crate) reached: Position,
}

/// Finds candidates in `(after, up_to]`, at most so far that they are bounded in number.
///
/// Each criterion of the filter names a tag.
pub(crate) fn candidates(connection: &Connection, filter: &Filter, after: Position, up_to: Position) -> Result<Candidates> {
    let mut all = Candidates { positions: Vec::new(), reached: up_to };
    for criterion in filter.criteria() {
        let found = of_criterion(connection, criterion, after, up_to)?;
        all.reached = all.reached.min(found.reached);
        all.positions.extend(found.positions);
    }
    let Candidates { positions, reached } = &mut all;
    positions.retain(|position| position <= reached);
    positions.sort_unstable();
    positions.dedup();
    Ok(all)
}

/// Follows the tag of a criterion that leads farthest with the fewest events.
fn of_criterion(connection: &Connection, criterion: &Criterion, after: Position, up_to: Position) -> Result<Candidates> {
    let mut best: Option<Candidates> = None;
    for tag in criterion.tags() {
        let found = of_tag(connection, tag, after, up_to)?;
        let is_better = best.as_ref().is_none_or(|best| {
            (found.reached, std::cmp::Reverse(found.positions.len())) > (best.reached, std::cmp::Reverse(best.positions.len()))
        });
        if is_better {
            best = Some(found);
        }
    }
    Ok(best.unwrap_or(Candidates { positions: Vec::new(), reached: up_to }))
}

fn of_tag(connection: &Connection, tag: &Tag, after: Position, up_to: Position) -> Result<Candidates> {
    let mut statement = prepare(connection, sql!("read_tagged"))?;
    let mut rows = statement.query(params![tag.as_str(), after.as_i64(), up_to.as_i64()])?;
    let mut found = Candidates { positions: Vec::new(), reached: up_to };
    while let Some(row) = rows.next()? {
        let position = place(row.get(0)?)?;
        found.positions.push(position);
        if found.positions.len() == CANDIDATES {
            found.reached = position;
            break;
        }
    }
    Ok(found)
}

/// The first event after `after` that the filter matches. Each criterion names a tag.
pub(crate) fn first_match(
    connection: &Connection,
    memory: &mut Memory,
    filter: &Filter,
    after: Position,
) -> Result<Option<Position>> {
    let mut after = after;
    while after < Position::MAX {
        let Candidates { positions, reached } = candidates(connection, filter, after, Position::MAX)?;
        for position in positions {
            if matches(connection, memory, filter, position)? {
                return Ok(Some(position));
            }
        }
        after = reached;
    }
    Ok(None)
}

fn matches(connection: &Connection, memory: &mut Memory, filter: &Filter, position: Position) -> Result<bool> {
    let mut statement = prepare(connection, sql!("read_event"))?;
    let mut rows = statement.query([position.as_i64()])?;
    let Some(row) = rows.next()? else { return Ok(false) };
    let row = EventRow(row);
    let stream = memory.stream(connection, row.stream()?)?;
    let name = memory.name(connection, row.kind()?)?;
    Ok(filter.matches_parts(&stream, &name, &row.tags()?))
}
