//! Code page 437, which SIE calls PC8.

use super::File;

/// What the bytes from 128 on stand for.
const HIGH: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// What comes closest to letters and signs that the code page lacks.
const CLOSEST: &[(char, &str)] = &[
    ('–', "-"),
    ('—', "-"),
    ('…', "..."),
    ('€', "EUR"),
    ('“', "'"),
    ('”', "'"),
    ('„', "'"),
    ('‘', "'"),
    ('’', "'"),
    ('Ø', "O"),
    ('ø', "o"),
    ('Á', "A"),
    ('À', "A"),
    ('Â', "A"),
    ('Ã', "A"),
    ('ã', "a"),
    ('Č', "C"),
    ('č', "c"),
    ('Ð', "D"),
    ('ð', "d"),
    ('È', "E"),
    ('Ê', "E"),
    ('Ë', "E"),
    ('Í', "I"),
    ('Ł', "L"),
    ('ł', "l"),
    ('Ó', "O"),
    ('Õ', "O"),
    ('õ', "o"),
    ('Ő', "O"),
    ('ő', "o"),
    ('Š', "S"),
    ('š', "s"),
    ('Ú', "U"),
    ('Ű', "U"),
    ('ű', "u"),
    ('Ý', "Y"),
    ('ý', "y"),
    ('Þ', "Th"),
    ('þ', "th"),
    ('Ž', "Z"),
    ('ž', "z"),
];

/// A text in the making.
#[derive(Default)]
pub struct Text {
    bytes: Vec<u8>,
    replaced: u64,
}

impl Text {
    /// Adds a line and its CRLF.
    pub fn line(&mut self, line: &str) {
        for character in line.chars() {
            self.push(character);
        }
        self.bytes.extend_from_slice(b"\r\n");
    }

    fn push(&mut self, character: char) {
        if let Some(byte) = byte(character) {
            self.bytes.push(byte);
            return;
        }
        self.replaced = self.replaced.saturating_add(1);
        let closest = CLOSEST.iter().find(|(known, _)| *known == character);
        let closest = closest.map_or("?", |(_, closest)| *closest);
        self.bytes.extend_from_slice(closest.as_bytes());
    }
}

impl From<Text> for File {
    fn from(text: Text) -> Self {
        Self {
            bytes: text.bytes,
            replaced: text.replaced,
        }
    }
}

fn byte(character: char) -> Option<u8> {
    if (' '..='~').contains(&character) {
        return u8::try_from(character).ok();
    }
    let at = HIGH.chars().position(|known| known == character)?;
    u8::try_from(at).ok()?.checked_add(128)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(line: &str) -> (Vec<u8>, u64) {
        let mut text = Text::default();
        text.line(line);
        (text.bytes, text.replaced)
    }

    #[test]
    fn every_byte_has_one_character() {
        assert_eq!(HIGH.chars().count(), 128);
        for (at, character) in HIGH.chars().enumerate() {
            assert_eq!(byte(character), u8::try_from(at + 128).ok(), "{character}");
        }
        // As IBM has them.
        for (character, code) in [
            ('å', 134),
            ('ä', 132),
            ('ö', 148),
            ('Å', 143),
            ('Ä', 142),
            ('Ö', 153),
        ] {
            assert_eq!(byte(character), Some(code), "{character}");
        }
        for (character, code) in [
            ('é', 130),
            ('ü', 129),
            ('ß', 225),
            ('²', 253),
            ('~', 126),
            (' ', 32),
        ] {
            assert_eq!(byte(character), Some(code), "{character}");
        }
    }

    #[test]
    fn what_the_code_page_lacks_is_replaced_and_counted() {
        assert_eq!(encoded("Åsa"), (b"\x8fsa\r\n".to_vec(), 0));
        assert_eq!(encoded("5 € – ø"), (b"5 EUR - o\r\n".to_vec(), 3));
        assert_eq!(encoded("漢\u{7f}"), (b"??\r\n".to_vec(), 2));
        for (lacking, _) in CLOSEST {
            assert_eq!(byte(*lacking), None, "{lacking}");
        }
    }
}
