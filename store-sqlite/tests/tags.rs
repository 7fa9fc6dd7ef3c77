//! Tags that many events have: more than are taken from the index at a time.

mod support;

use std::error::Error;

use annals_core::store::{Append, AppendError, Condition, Criterion, PageSize, ReadLog};
use annals_core::{EventStore, ExpectedVersion, Filter, LogId, LogPosition, NewEvent, Position, Tag};
use annals_store_sqlite::SqliteStore;
use support::{append_id, event, order};

type Outcome = Result<(), Box<dyn Error>>;

const EVENTS: u64 = 5_000;

/// A store in which every event is of the shop, every 500th of the customer, and every other of the season.
async fn busy_shop(store: &SqliteStore) -> Outcome {
    for start in (0..EVENTS).step_by(1_000) {
        let events = (start..start + 1_000).map(|number| {
            let mut tags = vec![Tag::new("shop", 1)?];
            if number % 500 == 499 {
                tags.push(Tag::new("customer", 7)?);
            }
            if number % 2 == 0 {
                tags.push(Tag::new("season", "spring")?);
            }
            Ok::<_, Box<dyn Error>>(NewEvent { tags, ..event(number, 20) })
        });
        let events = events.collect::<Result<Vec<_>, _>>()?;
        store.append(Append::new(append_id(start)).stream(order("busy"), ExpectedVersion::Any, events)).await?;
    }
    Ok(())
}

fn tagged(tags: &[(&str, &str)]) -> Result<Criterion, Box<dyn Error>> {
    tags.iter().try_fold(Criterion::new(), |criterion, (key, value)| Ok(criterion.tag(Tag::new(key, value)?)))
}

/// The positions of what a filter matches, in pages of at most 300.
async fn positions(store: &SqliteStore, filter: &Filter) -> Result<Vec<u64>, Box<dyn Error>> {
    let (mut found, mut after) = (Vec::new(), Position::ZERO);
    loop {
        let page = store.read_log(ReadLog::new(filter.clone()).after(after).size(PageSize::events(300))).await?;
        assert!(page.events.len() <= 300 && page.scanned_to > after);
        found.extend(page.events.iter().map(|event| event.position.get()));
        after = page.scanned_to;
        if page.at_end {
            return Ok(found);
        }
    }
}

#[tokio::test]
async fn a_filter_by_tags_misses_nothing_however_many_events_share_a_tag() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("events.db")).await?;
    busy_shop(&store).await?;

    let shop = positions(&store, &Filter::from(tagged(&[("shop", "1")])?)).await?;
    let both = positions(&store, &Filter::from(tagged(&[("shop", "1"), ("customer", "7")])?)).await?;
    let either = Filter::from(tagged(&[("customer", "7")])?).or(tagged(&[("season", "spring"), ("shop", "1")])?);
    let either = positions(&store, &either).await?;
    let neither = positions(&store, &Filter::from(tagged(&[("season", "spring"), ("customer", "7")])?)).await?;

    assert_eq!(shop, (1..=EVENTS).collect::<Vec<_>>());
    assert_eq!(both, (1..=EVENTS).filter(|position| position % 500 == 0).collect::<Vec<_>>());
    assert_eq!(either, (1..=EVENTS).filter(|position| position % 2 == 1 || position % 500 == 0).collect::<Vec<_>>());
    assert!(neither.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_condition_looks_past_events_that_share_a_tag_and_do_not_match() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("events.db")).await?;
    busy_shop(&store).await?;
    let append = |number, condition| {
        let append = Append::new(append_id(number)).stream(order("new"), ExpectedVersion::Any, vec![event(number, 20)]);
        store.append(append.condition(condition))
    };
    let start = LogPosition::new(LogId::MAIN, Position::ZERO);
    let last = LogPosition::new(LogId::MAIN, Position::new(EVENTS - 1)?);

    let none = append(10_000, Condition::new(tagged(&[("season", "spring"), ("customer", "7")])?.into(), start)).await;
    let first = append(10_001, Condition::new(tagged(&[("shop", "1"), ("customer", "7")])?.into(), start)).await;
    let late = append(10_002, Condition::new(tagged(&[("shop", "1"), ("customer", "7")])?.into(), last)).await;

    assert!(none.is_ok());
    assert!(matches!(first, Err(AppendError::ConditionFailed { at }) if at.position.get() == 500));
    assert!(matches!(late, Err(AppendError::ConditionFailed { at }) if at.position.get() == EVENTS));
    Ok(())
}
