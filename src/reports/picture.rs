//! What a picture shows, before it is drawn anywhere: panels of rows, each with a label, bars and a figure.

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Names it among others: `waterfall`.
    pub name: &'static str,
    /// The language of its texts: `sv` or `en`.
    pub language: &'static str,
    pub title: String,
    /// Which days and connections it is about.
    pub scope: String,
    /// What the tones stand for; empty where there is but one.
    pub legend: Vec<(Tone, String)>,
    pub panels: Vec<Panel>,
    /// Sentences below the panels.
    pub notes: Vec<String>,
    /// What stands there instead when there is no panel.
    pub nothing: String,
}

/// Rows that share a scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    pub heading: String,
    /// What it comes to, at the right end of the heading.
    pub outcome: Option<Outcome>,
    pub scale: Scale,
    pub rows: Vec<Row>,
}

/// A short verdict on a panel. Its sign says it without colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub standing: Standing,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Good,
    Bad,
    Neutral,
}

/// The values at the left and right end of the bars: `from` ≤ 0 ≤ `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    pub from: i64,
    pub to: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub label: String,
    pub weight: Weight,
    /// Left to right; they may touch.
    pub bars: Vec<Bar>,
    pub figure: String,
    /// A smaller line below the label; may be empty.
    pub detail: String,
    /// Where the next row goes on from, for a line between the two.
    pub leads_to: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Plain,
    /// A sum of what stands above.
    Sum,
}

/// From one value to another, in the units of the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    pub from: i64,
    pub to: i64,
    pub tone: Tone,
}

/// How a bar is filled. Tones differ in lightness too, so that they can be told apart in grey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// What is there.
    Whole,
    /// What adds.
    Gain,
    /// What takes away.
    Loss,
    /// An outline: nothing moves.
    Hollow,
    /// The first to the last of five steps that grow.
    Step(u8),
}

impl Scale {
    /// The narrowest one that shows all these values, and zero.
    #[must_use]
    pub fn over(values: impl IntoIterator<Item = i64>) -> Self {
        let all = Self { from: 0, to: 0 };
        values.into_iter().fold(all, |scale, value| Self {
            from: scale.from.min(value),
            to: scale.to.max(value),
        })
    }

    /// Where a value stands, of `width` steps: 0 at the left end. Values outside stand at the ends.
    #[must_use]
    pub fn place(self, value: i64, width: u32) -> u32 {
        let [from, to, value] = [self.from, self.to, value].map(i128::from);
        let span = to.saturating_sub(from);
        let within = value.clamp(from, to).saturating_sub(from);
        // Half a step is added, so that it rounds to the nearest.
        let scaled = within
            .saturating_mul(i128::from(width))
            .saturating_add(span.checked_div(2).unwrap_or(0));
        let place = scaled.checked_div(span).unwrap_or(0);
        u32::try_from(place).unwrap_or(width).min(width)
    }
}

impl Panel {
    /// A panel whose scale fits its bars.
    #[must_use]
    pub fn fitted(heading: String, outcome: Option<Outcome>, rows: Vec<Row>) -> Self {
        let ends = rows.iter().flat_map(|row| &row.bars);
        let scale = Scale::over(ends.flat_map(|bar| [bar.from, bar.to]));
        Self {
            heading,
            outcome,
            scale,
            rows,
        }
    }
}

impl Row {
    /// A row with one bar that begins at zero.
    #[must_use]
    pub fn from_zero(label: String, value: i64, tone: Tone, figure: String) -> Self {
        let bar = Bar {
            from: value.min(0),
            to: value.max(0),
            tone,
        };
        Self {
            label,
            weight: Weight::Plain,
            bars: vec![bar],
            figure,
            detail: String::new(),
            leads_to: None,
        }
    }
}

impl Picture {
    /// All of it in words, for whoever cannot see it.
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut parts = vec![format!("{}.", self.scope)];
        if self.panels.is_empty() {
            parts.push(self.nothing.clone());
        }
        for panel in &self.panels {
            let outcome = panel.outcome.as_ref().map(|outcome| &outcome.text);
            let heading: Vec<&str> = [Some(&panel.heading), outcome]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
            let row = |row: &Row| {
                let words = [&row.label, &row.figure, &row.detail];
                let words: Vec<&str> = words
                    .into_iter()
                    .map(String::as_str)
                    .filter(|word| !word.is_empty())
                    .collect();
                words.join(" ")
            };
            let rows: Vec<String> = panel.rows.iter().map(row).collect();
            parts.push(format!("{}: {}.", heading.join(", "), rows.join("; ")));
        }
        parts.extend(self.notes.iter().cloned());
        parts.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_holds_zero_and_everything_on_it() {
        let scale = Scale::over([300, -100]);
        assert_eq!((scale.from, scale.to), (-100, 300));
        assert_eq!(scale.place(-100, 400), 0);
        assert_eq!(scale.place(0, 400), 100);
        assert_eq!(scale.place(300, 400), 400);
        assert_eq!(Scale::over([5]).place(0, 400), 0);
    }

    #[test]
    fn the_largest_amounts_there_are_have_their_places() {
        let scale = Scale::over([i64::MIN, i64::MAX]);
        assert_eq!(scale.place(i64::MIN, 400), 0);
        assert_eq!(scale.place(0, 400), 200);
        assert_eq!(scale.place(i64::MAX, 400), 400);
        assert_eq!((scale.from, scale.to), (i64::MIN, i64::MAX));
        // What is outside stands at the end that it is beyond.
        let narrow = Scale::over([-10, 30]);
        assert_eq!(narrow.place(-11, 400), 0);
        assert_eq!(narrow.place(31, 400), 400);
        let nothing = Scale::over([0]);
        assert_eq!(nothing.place(0, 400), 0);
        assert_eq!(nothing.place(7, 400), 0);
    }
}
