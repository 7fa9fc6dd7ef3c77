//! Chapters as the tests of the book read them.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A chapter: its lines outside code, and those within.
pub struct Chapter {
    pub name: String,
    pub prose: Vec<String>,
    pub text: String,
}

impl Chapter {
    pub fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let mut prose = Vec::new();
        let mut in_code = false;
        for line in text.lines() {
            if line.trim_start().starts_with("```") {
                in_code = !in_code;
            } else if !in_code {
                prose.push(line.to_owned());
            }
        }
        assert!(!in_code, "{} has a code block without an end", path.display());
        Self { name: path.file_name().unwrap().to_str().unwrap().to_owned(), prose, text }
    }

    /// The targets of its links.
    pub fn links(&self) -> Vec<String> {
        let text = self.prose.iter().map(|line| without_code(line)).collect::<Vec<_>>().join("\n");
        text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target.to_owned()).collect()
    }

    /// The anchors of its headings, as mdBook makes them.
    pub fn anchors(&self) -> BTreeSet<String> {
        let headings = self.prose.iter().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
        let mut anchors = BTreeSet::new();
        for heading in headings {
            let anchor: String = heading
                .chars()
                .filter_map(|c| match c {
                    _ if c.is_alphanumeric() || c == '_' || c == '-' => Some(c.to_ascii_lowercase()),
                    _ if c.is_whitespace() => Some('-'),
                    _ => None,
                })
                .collect();
            assert!(anchors.insert(anchor), "{}: there are two headings `{heading}`", self.name);
        }
        anchors
    }

    /// Its words outside code, in lower case.
    pub fn words(&self) -> String {
        let text = self.prose.iter().map(|line| without_code(line)).collect::<Vec<_>>().join(" ").to_lowercase();
        let spaced = text.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { ' ' }).collect::<String>();
        format!(" {} ", spaced.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// A line without what is between backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

pub fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All chapters, by file name.
pub fn chapters() -> BTreeMap<String, Chapter> {
    let files = fs::read_dir(source()).unwrap().map(|entry| entry.unwrap().path());
    let pages = files.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let chapters = pages.filter(|path| path.file_name().is_some_and(|name| name != "SUMMARY.md"));
    chapters.map(|path| Chapter::read(&path)).map(|chapter| (chapter.name.clone(), chapter)).collect()
}

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}
