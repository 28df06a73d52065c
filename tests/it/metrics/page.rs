//! Reading a page of metrics, strictly: whatever is not as the text format has it stops the test.

use avstem::app::measure::{self, Heartbeat};
use avstem::app::{App, backlog};
use std::collections::{BTreeMap, BTreeSet};

/// A page of metrics.
pub struct Metrics {
    /// Values by name and labels.
    pub series: BTreeMap<String, String>,
    /// Names without the parts of a histogram.
    pub families: BTreeSet<String>,
}

impl Metrics {
    /// Reads every line, and complains of any that is not as the text format has it.
    pub fn parse(page: &str) -> Self {
        let mut found = BTreeMap::new();
        let mut types = BTreeMap::new();
        assert!(page.ends_with('\n'));
        for line in page.lines() {
            if let Some(comment) = line.strip_prefix("# ") {
                let (word, rest) = comment.split_once(' ').unwrap();
                let (name, text) = rest.split_once(' ').unwrap_or_else(|| panic!("{line}"));
                assert!(!text.is_empty(), "{line}");
                match word {
                    "HELP" => {}
                    "TYPE" => assert!(types.insert(name, text).is_none(), "{name} stands twice"),
                    other => panic!("{other}: {line}"),
                }
                continue;
            }
            let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
            let number = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
            assert!(!value.is_empty() && value.chars().all(number), "{line}");
            check_series(series, &types);
            let earlier = found.insert(series.to_owned(), value.to_owned());
            assert!(earlier.is_none(), "{series} stands twice");
        }
        let metrics = Self {
            series: found,
            families: types.keys().map(|name| (*name).to_owned()).collect(),
        };
        metrics.check_histograms(&types);
        metrics
    }

    fn check_histograms(&self, types: &BTreeMap<&str, &str>) {
        let histograms: Vec<&str> = types
            .iter()
            .filter(|(_, kind)| **kind == "histogram")
            .map(|(name, _)| *name)
            .collect();
        assert!(!histograms.is_empty());
        for (series, count) in &self.series {
            let name = series.split('{').next().unwrap();
            let Some(base) = name.strip_suffix("_count") else {
                continue;
            };
            assert!(histograms.contains(&base), "{series}");
            let last = match series.split_once('{') {
                Some((_, labels)) => {
                    let labels = labels.trim_end_matches('}');
                    format!("{base}_bucket{{{labels},le=\"+Inf\"}}")
                }
                None => format!("{base}_bucket{{le=\"+Inf\"}}"),
            };
            assert_eq!(self.series.get(&last), Some(count), "{last}");
        }
    }

    /// A whole number; the series must be there.
    #[track_caller]
    pub fn get(&self, series: &str) -> i64 {
        let value = self.series.get(&format!("avstem_{series}"));
        let value = value.unwrap_or_else(|| panic!("no {series} in {:#?}", self.series.keys()));
        value.parse().unwrap_or_else(|_| panic!("{series} {value}"))
    }

    /// The sum of every series of a name.
    pub fn sum(&self, name: &str) -> i64 {
        let start = format!("avstem_{name}{{");
        let all = self
            .series
            .iter()
            .filter(|(series, _)| series.starts_with(&start));
        all.map(|(_, value)| value.parse::<i64>().unwrap()).sum()
    }

    /// What one process shows, with a heartbeat of three seconds ago.
    pub fn of(app: &App) -> Self {
        let backlog = backlog::read(app).unwrap();
        let heartbeats = [Heartbeat {
            job: "inbox",
            age_s: 3,
        }];
        Self::parse(&measure::page(app, Some(&backlog), &heartbeats).unwrap())
    }
}

/// `name` or `name{label="value",…}`, of a family whose type was told before.
fn check_series(series: &str, types: &BTreeMap<&str, &str>) {
    let (name, labels) = match series.split_once('{') {
        None => (series, ""),
        Some((name, labels)) => (name, labels.strip_suffix('}').unwrap()),
    };
    let word = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    assert!(word(name), "{series}");
    let family = ["_bucket", "_sum", "_count", ""]
        .iter()
        .filter_map(|part| name.strip_suffix(part))
        .find(|family| types.contains_key(family));
    let family = family.unwrap_or_else(|| panic!("{series} has no type"));
    assert_eq!(
        name.ends_with("_total"),
        types[family] == "counter",
        "{series}"
    );
    assert!(family.starts_with("avstem_") || family == "process_start_time_seconds");
    for label in labels.split("\",").filter(|label| !label.is_empty()) {
        let (label, value) = label
            .split_once("=\"")
            .unwrap_or_else(|| panic!("{series}"));
        assert!(word(label), "{series}");
        let value = value.trim_end_matches('"');
        assert!(!value.contains(['"', '\n', '\\']), "{series}");
    }
}
