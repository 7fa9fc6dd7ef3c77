use std::fmt::Debug;
use std::str::FromStr;

use annals_core::store::{QueueName, ViewName};
use annals_core::{Category, EventName, Tenant};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::support::golden;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    #[serde(rename = "about")]
    _about: String,
    category: Rule,
    event: Rule,
    tenant: Rule,
    queue: Rule,
    projection: Rule,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    max: usize,
    accepted: Vec<String>,
    #[serde(default)]
    reserved: Vec<String>,
    refused: Vec<String>,
}

impl Rule {
    fn compare<N>(&self, max: usize)
    where
        N: FromStr<Err: Debug> + ToString + Serialize + DeserializeOwned,
    {
        assert_eq!(self.max, max);
        for text in &self.accepted {
            let name: N = text.parse().unwrap_or_else(|error| panic!("{text:?}: {error:?}"));
            assert_eq!(name.to_string(), *text);
            assert_eq!(serde_json::to_value(&name).unwrap(), serde_json::Value::from(text.as_str()));
        }
        for text in &self.refused {
            assert!(text.parse::<N>().is_err(), "{text:?}");
            assert!(serde_json::from_value::<N>(text.as_str().into()).is_err(), "{text:?}");
        }
    }
}

#[test]
fn names_are_those_of_the_golden_file() {
    let golden: Names = golden!("names");
    golden.category.compare::<Category>(Category::MAX_LEN);
    golden.event.compare::<EventName>(EventName::MAX_LEN);
    golden.tenant.compare::<Tenant>(Tenant::MAX_LEN);
    golden.queue.compare::<QueueName>(QueueName::MAX_LEN);
    golden.projection.compare::<ViewName>(ViewName::MAX_LEN);
}

#[test]
fn what_starts_with_a_dollar_belongs_to_annals() {
    let golden: Names = golden!("names");
    for text in golden.category.accepted {
        assert_eq!(Category::new(&text).unwrap().is_system(), golden.category.reserved.contains(&text), "{text}");
    }
    for text in golden.event.accepted {
        assert_eq!(text.starts_with('$'), golden.event.reserved.contains(&text), "{text}");
    }
}
