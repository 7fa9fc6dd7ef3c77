//! The book holds together: every chapter is listed and tested, every link leads somewhere, every word has one meaning.

mod support;

use std::fs;
use std::path::Path;

use support::*;

/// Terms of the interface that a reader may look up.
const TERMS: [&str; 46] = [
    "activity",
    "actor",
    "aggregate",
    "alias",
    "append",
    "category",
    "causation",
    "checkpoint",
    "command",
    "command id",
    "condition",
    "context",
    "correlation",
    "document",
    "effect",
    "event",
    "facts",
    "idempotency key",
    "instance",
    "log",
    "metadata",
    "outcome",
    "pivot",
    "position",
    "prepare",
    "projection",
    "reaction",
    "receipt",
    "rejection",
    "saga",
    "schema version",
    "service",
    "sink",
    "state",
    "step",
    "store",
    "stream",
    "subscriber",
    "suspended",
    "tag",
    "tenant",
    "undo",
    "upcaster",
    "version",
    "view",
    "wait",
];

#[test]
fn every_chapter_is_listed_once_and_tested() {
    let summary = Chapter::read(&source().join("SUMMARY.md"));
    let listed = summary.links();
    let files: Vec<String> = chapters().into_keys().collect();
    let mut sorted = listed.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, files, "the chapters in SUMMARY.md and those in the folder");

    let library = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("lib.rs")).unwrap();
    let (_, rest) = library.split_once("\nchapters! {").unwrap();
    let (modules, _) = rest.split_once('}').unwrap();
    let modules: Vec<String> =
        modules.split(',').map(str::trim).filter(|name| !name.is_empty()).map(|name| format!("{name}.md")).collect();
    assert_eq!(modules, listed, "the chapters in lib.rs, whose examples are tested, and those in SUMMARY.md");
}

#[test]
fn every_link_leads_somewhere() {
    let chapters = chapters();
    let mut broken = Vec::new();
    for chapter in chapters.values() {
        for link in chapter.links() {
            if link.starts_with("https://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').map_or((link.as_str(), None), |(file, anchor)| (file, Some(anchor)));
            let target = if file.is_empty() { Some(chapter) } else { chapters.get(file) };
            let leads = match (target, anchor) {
                (Some(target), Some(anchor)) => target.anchors().contains(anchor),
                (Some(_), None) => true,
                (None, _) => false,
            };
            if !leads {
                broken.push(format!("{}: {link}", chapter.name));
            }
        }
    }
    assert!(broken.is_empty(), "these links lead nowhere: {broken:#?}");
}

#[test]
fn every_code_block_says_what_it_is() {
    for chapter in chapters().values() {
        let mut fences = chapter.text.lines().filter(|line| line.trim_start().starts_with("```"));
        while let (Some(opening), Some(_)) = (fences.next(), fences.next()) {
            let kind = opening.trim().trim_start_matches('`');
            // What is `ignore` or `no_run` is not known to work.
            let known = ["rust", "text", "console", "toml", "json", "sql", "mermaid"];
            assert!(
                known.contains(&kind) || kind == "rust,compile_fail" || kind == "rust,should_panic",
                "{}: {opening}",
                chapter.name
            );
        }
    }
}

#[test]
fn every_diagram_is_held_to_what_is_drawn() {
    let mut found = 0;
    for (file, chapter) in chapters() {
        let name = file.trim_end_matches(".md");
        let diagrams = chapter.text.matches("\n```mermaid\n").count();
        let held = chapter.text.matches(&format!("# annals_book::assert_drawn(\"{name}\", ")).count();
        assert_eq!(diagrams, held, "{file}: diagrams, and examples that draw them (`assert_drawn`)");
        found += diagrams;
    }
    assert!(found > 0, "there are diagrams in the book");
}

#[test]
fn the_domains_of_the_examples_are_those_that_are_shown() {
    for (domain, chapter) in [("account", "first_aggregate.md"), ("checkout", "sagas.md")] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("domain/{domain}.rs"));
        let domain = fs::read_to_string(&file).unwrap();
        let (_, code) = domain.split_once("\n\n").unwrap();
        let chapter = &chapters()[chapter];
        // Chapters need no `pub`, and hide where the rest of the domain comes from.
        let is_shown = |line: &&str| !line.is_empty() && !line.contains("::shop::");
        let lines = |text: &str| text.lines().filter(is_shown).collect::<Vec<_>>().join("\n");
        let shown = lines(&chapter.text).contains(&lines(&code.replace("pub ", "")));
        assert!(shown, "{} is not what {} shows, but for `pub`", file.display(), chapter.name);
    }
}

/// The entries of the glossary: term and text.
fn entries() -> Vec<(String, String)> {
    let glossary = chapters().remove("glossary.md").unwrap();
    let mut entries: Vec<(String, String)> = Vec::new();
    for line in &glossary.prose {
        match line.strip_prefix("### ") {
            Some(term) => entries.push((term.to_owned(), String::new())),
            None => entries.iter_mut().next_back().into_iter().for_each(|(_, text)| *text += &format!("{line}\n")),
        }
    }
    entries
}

#[test]
fn every_term_has_one_entry_that_leads_to_a_chapter() {
    let entries = entries();
    let terms: Vec<&str> = entries.iter().map(|(term, _)| term.as_str()).collect();
    assert!(terms.is_sorted_by_key(|term| term.to_lowercase()), "the glossary is in alphabetical order: {terms:#?}");
    let missing: Vec<_> = TERMS.iter().filter(|term| terms.iter().filter(|entry| entry == term).count() != 1).collect();
    assert!(missing.is_empty(), "these have not one entry: {missing:?}");
    for (term, text) in &entries {
        assert!(text.contains(".md"), "`{term}` leads to no chapter");
    }
}

#[test]
fn one_idea_has_one_word() {
    // `Elsewhere: *rollback*, *compensation*.` in an entry: words of others, which this book does not use.
    let words: Vec<(String, String)> = entries()
        .iter()
        .flat_map(|(term, text)| {
            let elsewhere = text.lines().filter_map(|line| line.split_once("Elsewhere: ")).map(|(_, list)| list.to_owned());
            let words = elsewhere.flat_map(|list| list.split('*').skip(1).step_by(2).map(str::to_lowercase).collect::<Vec<_>>());
            words.map(|word| (term.clone(), word)).collect::<Vec<_>>()
        })
        .collect();
    assert!(words.len() > 10, "the glossary names the words of others");
    let mut found = Vec::new();
    for chapter in chapters().values() {
        // Those who come from elsewhere are met in their own words.
        if chapter.name.starts_with("from_") || chapter.name == "glossary.md" {
            continue;
        }
        let text = chapter.words();
        for (term, word) in words.iter().filter(|(_, word)| text.contains(&format!(" {word} "))) {
            found.push(format!("{}: `{word}` is `{term}`", chapter.name));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
