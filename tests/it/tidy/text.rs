//! Just enough reading of Rust for rules about which names a file uses.

/// The text without its comments. Lines stay lines.
pub fn code(text: &str) -> String {
    text.lines()
        .map(|line| match line.find("//") {
            // The slashes of a URL inside a string begin no comment.
            Some(at) if !line[..at].ends_with(':') => &line[..at],
            Some(_) | None => line,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// The code before the file's inline test module.
pub fn code_without_tests(text: &str) -> String {
    let code = code(text);
    let end = code.find("#[cfg(test)]").unwrap_or(code.len());
    code[..end].to_owned()
}

/// What follows each place where `name` stands as a whole identifier or path.
pub fn names<'a>(code: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let length = name.len();
    code.match_indices(name).filter_map(move |(at, _)| {
        let (before, rest) = (&code[..at], &code[at + length..]);
        let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        (!before.ends_with(part) && !rest.starts_with(part)).then_some(rest)
    })
}

/// Whether a path such as `crate::app` is named, alone or in a group such as `crate::{app, id}`.
pub fn names_path(code: &str, root: &str, part: &str) -> bool {
    if names(code, &format!("{root}::{part}")).next().is_some() {
        return true;
    }
    code.split(&format!("{root}::{{")).skip(1).any(|group| {
        let mut depth = 0_u32;
        let mut first_parts = String::new();
        for character in group.chars() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                _ if depth == 0 => first_parts.push(character),
                _ => {}
            }
        }
        first_parts
            .split(',')
            .any(|path| path.trim().split("::").next() == Some(part))
    })
}

/// The identifiers in the first argument after an opening parenthesis.
pub fn first_argument(rest: &str) -> Vec<&str> {
    let end = rest.find(['(', ')', ',', '.']).unwrap_or(rest.len());
    rest[..end]
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|part| !part.is_empty())
        .collect()
}
