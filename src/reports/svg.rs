//! A picture as SVG: text as text, nothing loaded and nothing run, light and dark, and the same bytes for
//! the same picture.

use super::picture::{Bar, Outcome, Panel, Picture, Row, Scale, Standing, Tone, Weight};
use std::fmt::Write;

/// Units are CSS pixels.
const WIDTH: u32 = 760;
const MARGIN: u32 = 28;
const GAP: u32 = 20;
const ROW: u32 = 28;
/// Of a row with a second line.
const TALL_ROW: u32 = 44;
const BAR: u32 = 16;
const LABEL_MIN: u32 = 120;
const LABEL_MAX: u32 = 280;
/// What the bars have at least, however long the texts beside them are.
const BARS_MIN: u32 = 140;
const TEXT: u32 = 13;
const SMALL: u32 = 12;

/// Colours by scheme, each lighter or darker than the next, so that they differ in grey. Everything is
/// under one class, so that a page that a picture is put into keeps its own looks.
const STYLE: &str = "\
.avstem-picture{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;font-variant-numeric:tabular-nums}\
.avstem-picture .paper{fill:#ffffff}\
.avstem-picture text{fill:#1c2430}\
.avstem-picture .title{font-size:19px;font-weight:600}\
.avstem-picture .heading{font-size:14px;font-weight:600}\
.avstem-picture .sum{font-weight:600}\
.avstem-picture .soft{fill:#566070}\
.avstem-picture .small{font-size:12px}\
.avstem-picture .good{fill:#1d6b4f;font-weight:600}\
.avstem-picture .bad{fill:#a3271d;font-weight:600}\
.avstem-picture .line{stroke:#d5dae1;fill:none}\
.avstem-picture .lead{stroke:#8a94a3;fill:none;stroke-dasharray:2 2}\
.avstem-picture .whole{fill:#1f3f66}\
.avstem-picture .gain{fill:#2f8a69}\
.avstem-picture .loss{fill:#e2a95e}\
.avstem-picture .hollow{fill:#ffffff;stroke:#1f3f66}\
.avstem-picture .step0{fill:#d3e0f0}\
.avstem-picture .step1{fill:#a5c0e0}\
.avstem-picture .step2{fill:#6f97c7}\
.avstem-picture .step3{fill:#3d6ca6}\
.avstem-picture .step4{fill:#173f73}\
@media(prefers-color-scheme:dark){\
.avstem-picture .paper{fill:#12161c}\
.avstem-picture text{fill:#e7ebf0}\
.avstem-picture .soft{fill:#a3adba}\
.avstem-picture .good{fill:#7bd3ae}\
.avstem-picture .bad{fill:#ff9a8f}\
.avstem-picture .line{stroke:#343c47}\
.avstem-picture .lead{stroke:#77818f}\
.avstem-picture .whole{fill:#b3cdf0}\
.avstem-picture .gain{fill:#3f9d7a}\
.avstem-picture .loss{fill:#95591c}\
.avstem-picture .hollow{fill:#12161c;stroke:#b3cdf0}\
.avstem-picture .step0{fill:#33485f}\
.avstem-picture .step1{fill:#3f648f}\
.avstem-picture .step2{fill:#5788be}\
.avstem-picture .step3{fill:#8ab5e4}\
.avstem-picture .step4{fill:#d3e6fc}}";

/// Draws a picture.
#[must_use]
pub fn svg(picture: &Picture) -> String {
    let mut drawing = Drawing::default();
    let columns = Columns::of(picture);
    let mut y = drawing.head(picture);
    for panel in &picture.panels {
        y = drawing.panel(panel, columns, y + GAP);
    }
    if picture.panels.is_empty() {
        y += GAP + ROW;
        drawing.text(MARGIN, y, "soft", &picture.nothing);
    }
    y = drawing.notes(&picture.notes, y);
    drawing.framed(picture, y + MARGIN)
}

/// Where labels, bars and figures stand, the same in every panel.
#[derive(Clone, Copy)]
struct Columns {
    label: u32,
    bars_from: u32,
    bars: u32,
}

impl Columns {
    fn of(picture: &Picture) -> Self {
        let rows = || picture.panels.iter().flat_map(|panel| &panel.rows);
        let label = |row: &Row| width_of(&row.label, TEXT).max(width_of(&row.detail, SMALL));
        let label = rows().map(label).max().unwrap_or(0);
        let label = label.clamp(LABEL_MIN, LABEL_MAX);
        let figure = rows().map(|row| width_of(&row.figure, TEXT)).max();
        let inside = WIDTH - 2 * MARGIN;
        let figure = figure.unwrap_or(0).min(inside - label - BARS_MIN - 2 * GAP);
        Self {
            label,
            bars_from: MARGIN + label + GAP,
            bars: inside - label - figure - 2 * GAP,
        }
    }

    fn x(self, scale: Scale, value: i64) -> u32 {
        self.bars_from + scale.place(value, self.bars)
    }
}

/// The elements so far.
#[derive(Default)]
struct Drawing(String);

impl Drawing {
    fn head(&mut self, picture: &Picture) -> u32 {
        self.text(MARGIN, 42, "title", &picture.title);
        self.text(MARGIN, 64, "soft", &picture.scope);
        if picture.legend.is_empty() || picture.panels.is_empty() {
            return 72;
        }
        let (mut x, mut y) = (MARGIN, 92);
        for (tone, meaning) in &picture.legend {
            let wide = 20 + width_of(meaning, SMALL);
            if x > MARGIN && x + wide > WIDTH - MARGIN {
                (x, y) = (MARGIN, y + 20);
            }
            self.rect((x, y - 10, 12, 12), *tone);
            self.text(x + 18, y, "soft small", meaning);
            x += wide + GAP;
        }
        y + 4
    }

    /// Returns the lower end.
    fn panel(&mut self, panel: &Panel, columns: Columns, top: u32) -> u32 {
        let baseline = top + 18;
        let room = match &panel.outcome {
            Some(outcome) => {
                self.outcome(outcome, baseline);
                let taken = width_of(&outcome.text, TEXT) + 2 * GAP;
                (WIDTH - 2 * MARGIN).saturating_sub(taken)
            }
            None => WIDTH - 2 * MARGIN,
        };
        let heading = cut(&panel.heading, TEXT + 1, room.max(LABEL_MIN));
        self.text(MARGIN, baseline, "heading", &heading);
        let mut y = top + 28;
        self.line("line", [MARGIN, y, WIDTH - MARGIN, y]);
        y += 4;
        let zero = columns.x(panel.scale, 0);
        let height: u32 = panel.rows.iter().map(height_of).sum();
        // Bars lie over it.
        self.line("line", [zero, y, zero, y + height]);
        for row in &panel.rows {
            self.row(row, panel.scale, columns, y);
            y += height_of(row);
        }
        y
    }

    fn outcome(&mut self, outcome: &Outcome, y: u32) {
        let (class, sign) = match outcome.standing {
            Standing::Good => ("good", "✓ "),
            Standing::Bad => ("bad", "≠ "),
            Standing::Neutral => ("soft", ""),
        };
        self.end_text(WIDTH - MARGIN, y, class, &format!("{sign}{}", outcome.text));
    }

    fn row(&mut self, row: &Row, scale: Scale, columns: Columns, top: u32) {
        let class = match row.weight {
            Weight::Plain => "",
            Weight::Sum => "sum",
        };
        let bar_top = top + 6;
        let baseline = bar_top + 13;
        self.open("<g>");
        let label = cut(&row.label, TEXT, columns.label);
        if label != row.label {
            self.element("title", &row.label);
        }
        self.text(MARGIN, baseline, class, &label);
        if !row.detail.is_empty() {
            let room = columns.label + GAP + columns.bars;
            let detail = cut(&row.detail, SMALL, room);
            self.text(MARGIN, baseline + 16, "soft small", &detail);
        }
        for bar in &row.bars {
            self.bar(*bar, scale, columns, bar_top);
        }
        if let Some(next) = row.leads_to {
            let x = columns.x(scale, next);
            let below = top + height_of(row) + 6;
            self.line("lead", [x, bar_top + BAR, x, below]);
        }
        self.end_text(WIDTH - MARGIN, baseline, class, &row.figure);
        self.open("</g>");
    }

    /// What is not zero is seen, however small it is beside the rest.
    fn bar(&mut self, bar: Bar, scale: Scale, columns: Columns, y: u32) {
        if bar.from == bar.to {
            return;
        }
        let (from, to) = (columns.x(scale, bar.from), columns.x(scale, bar.to));
        let wide = to.saturating_sub(from).max(2);
        self.rect((from, y, wide, BAR), bar.tone);
    }

    fn notes(&mut self, notes: &[String], mut y: u32) -> u32 {
        if !notes.is_empty() {
            y += GAP;
        }
        for note in notes {
            y += 18;
            let note = cut(note, SMALL, WIDTH - 2 * MARGIN);
            self.text(MARGIN, y, "soft small", &note);
        }
        y
    }

    fn rect(&mut self, (x, y, width, height): (u32, u32, u32, u32), tone: Tone) {
        let class = match tone {
            Tone::Whole => "whole".to_owned(),
            Tone::Gain => "gain".to_owned(),
            Tone::Loss => "loss".to_owned(),
            Tone::Hollow => "hollow".to_owned(),
            Tone::Step(step) => format!("step{}", step.min(4)),
        };
        self.open(&format!(
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" rx="1"/>"#
        ));
    }

    fn line(&mut self, class: &str, [x1, y1, x2, y2]: [u32; 4]) {
        self.open(&format!(
            r#"<path class="{class}" d="M{x1}.5 {y1}.5L{x2}.5 {y2}.5"/>"#
        ));
    }

    fn text(&mut self, x: u32, y: u32, class: &str, text: &str) {
        self.placed(&format!(r#"x="{x}" y="{y}""#), class, text);
    }

    /// A text that ends at `x`.
    fn end_text(&mut self, x: u32, y: u32, class: &str, text: &str) {
        let place = format!(r#"x="{x}" y="{y}" text-anchor="end""#);
        self.placed(&place, class, text);
    }

    fn placed(&mut self, place: &str, class: &str, text: &str) {
        let class = if class.is_empty() {
            String::new()
        } else {
            format!(r#"class="{class}" "#)
        };
        self.open(&format!("<text {class}{place}>{}</text>", Escaped(text)));
    }

    fn element(&mut self, name: &str, text: &str) {
        self.open(&format!("<{name}>{}</{name}>", Escaped(text)));
    }

    fn open(&mut self, markup: &str) {
        self.0.push_str(markup);
        self.0.push('\n');
    }

    /// All of it, inside its root. The title and the description are what a screen reader tells.
    fn framed(self, picture: &Picture, height: u32) -> String {
        let Picture { name, language, .. } = picture;
        let mut whole = Self::default();
        whole.open(&format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="avstem-picture" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" lang="{language}" aria-labelledby="avstem-{name}-title avstem-{name}-desc">"#
        ));
        let named = |part: &str, text: &str| {
            format!(
                r#"<{part} id="avstem-{name}-{part}">{}</{part}>"#,
                Escaped(text)
            )
        };
        whole.open(&named("title", &picture.title));
        whole.open(&named("desc", &picture.in_words()));
        whole.open(&format!("<style>{STYLE}</style>"));
        whole.open(&format!(
            r#"<rect class="paper" width="{WIDTH}" height="{height}"/>"#
        ));
        whole.0.push_str(&self.0);
        whole.open("</svg>");
        whole.0
    }
}

const fn height_of(row: &Row) -> u32 {
    if row.detail.is_empty() { ROW } else { TALL_ROW }
}

/// A text as it stands between tags and in attributes. Characters that XML cannot hold are shown as
/// unreadable.
struct Escaped<'t>(&'t str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\r' | '\t' => f.write_char(' ')?,
                '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                    f.write_char('\u{fffd}')?;
                }
                // These would turn what follows around.
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => f.write_char('\u{fffd}')?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// About how wide a text is in the fonts of the style, rather too much than too little.
fn width_of(text: &str, size: u32) -> u32 {
    let hundredths: u32 = text.chars().map(width_of_one).sum();
    (hundredths * size).div_ceil(100)
}

/// In hundredths of the font's size.
const fn width_of_one(c: char) -> u32 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '\u{a0}' => 36,
        'f' | 't' | 'r' | '(' | ')' | '-' | '·' => 44,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 98,
        'A'..='Z' | 'Å' | 'Ä' | 'Ö' => 74,
        ' '..='~' => 64,
        '\u{2e80}'..='\u{10ffff}' => 105,
        _ => 66,
    }
}

/// As much of a text as there is room for.
fn cut(text: &str, size: u32, room: u32) -> String {
    if width_of(text, size) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut taken = width_of_one('…');
    for c in text.chars() {
        taken += width_of_one(c);
        if (taken * size).div_ceil(100) > room {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests;
