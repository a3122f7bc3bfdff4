//! The English of a file: comments and help texts of Rust, and the text of Markdown.
//!
//! Code spans, fenced and indented blocks and the targets of links are left out.

/// The words of a file of Rust or Markdown.
pub(crate) fn words(path: &str, text: &str) -> Vec<String> {
    let prose = if path.ends_with(".rs") {
        comments(text)
    } else {
        text.to_owned()
    };
    let letters = |c: char| !c.is_ascii_alphabetic() && c != '\'';
    let words = plain(&prose);
    let words = words
        .split(letters)
        .filter(|word| !word.trim_matches('\'').is_empty());
    words.map(str::to_lowercase).collect()
}

/// Comments of every kind, a line each, and literals that are handed to `help`.
fn comments(text: &str) -> String {
    let mut prose = String::new();
    let mut rest = text;
    // The code since the last comment or literal, by which a help text is known.
    let mut before = String::new();
    while let Some(first) = rest.chars().next() {
        // Code ends a paragraph.
        if (rest.starts_with("//") || rest.starts_with("/*")) && !before.trim().is_empty() {
            prose.push('\n');
            before.clear();
        }
        if let Some(comment) = rest.strip_prefix("//") {
            let line = comment.lines().next().unwrap_or_default();
            let line_text = line.trim_start_matches(['/', '!']);
            prose += line_text.strip_prefix(' ').unwrap_or(line_text);
            prose.push('\n');
            rest = &comment[line.len()..];
        } else if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
            prose += rest[..end].trim_matches(['/', '*', '!']);
            prose.push('\n');
            rest = &rest[end..];
        } else if let Some((literal, end)) = string(rest) {
            let call = before
                .trim_end()
                .trim_end_matches(['(', '=', ':'])
                .trim_end();
            if ["help", "about"].iter().any(|name| call.ends_with(name)) {
                prose = prose + "\n" + literal + "\n";
            }
            before.clear();
            rest = &rest[end..];
        } else {
            let end = character(rest).unwrap_or(first.len_utf8());
            before += &rest[..end];
            rest = &rest[end..];
        }
    }
    prose
}

/// The content of a string literal at the begin of this code, raw or not, and its length.
fn string(code: &str) -> Option<(&str, usize)> {
    let raw = code
        .strip_prefix('r')
        .map(|rest| (rest, rest.len() - rest.trim_start_matches('#').len()));
    if let Some((rest, hashes)) = raw.filter(|(rest, hashes)| rest[*hashes..].starts_with('"')) {
        let content = &rest[hashes + 1..];
        let length = content.find(&format!("\"{}", "#".repeat(hashes)))?;
        return Some((&content[..length], length + 2 * hashes + 3));
    }
    let content = code.strip_prefix('"')?;
    let mut is_escaped = false;
    let end = content.find(|c| {
        let is_end = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end
    })?;
    Some((&content[..end], end + 2))
}

/// The length of a character literal at the begin of this code, so that `'"'` opens no string;
/// also of an identifier, so that its last `r` opens no raw string.
fn character(code: &str) -> Option<usize> {
    let name = code
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(code.len());
    if name > 0 {
        return Some(name);
    }
    let quoted = code.strip_prefix('\'')?;
    let skipped = if quoted.starts_with('\\') {
        2
    } else {
        quoted.chars().next()?.len_utf8()
    };
    let close = quoted.get(skipped..)?.find('\'')?;
    (close == 0 || quoted.starts_with('\\')).then_some(skipped + close + 2)
}

/// The text without code and without the targets of links.
fn plain(text: &str) -> String {
    let mut lines = Vec::new();
    let (mut is_fenced, mut after_blank) = (false, true);
    for line in text.lines() {
        let content = line.trim_start();
        let is_fence = content.starts_with("```");
        is_fenced ^= is_fence;
        let is_code = after_blank && line.starts_with("    ");
        if !is_fence && !is_fenced && !is_code && !content.starts_with("<!--") {
            lines.push(line);
        }
        // The next line of an indented block is in it too.
        after_blank = content.is_empty() || is_code;
    }
    // A span ends with its paragraph, so an odd backtick hides no more than that.
    let text = lines.join("\n");
    let paragraphs = text.split("\n\n");
    let outside = paragraphs.map(|text| text.split('`').step_by(2).collect::<Vec<_>>().join("x"));
    let outside = outside.collect::<Vec<_>>().join("\n\n");
    let mut parts = outside.split("](");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + " " + part.split_once(')').map_or(part, |(_, rest)| rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_gives_its_comments_and_help_texts() {
        let text = r##"//! One two.
/// Three.
/// ```
/// code
/// ```
fn f<'a>() { let quote = '\''; } // four `code` ` odd
const A: char = '"'; /* five */ const B: &str = "// no";
#[arg(help = "six \"seven\"")] const C: &str = r#"no " // no"#; // eight `code`
param.help("nine");
"##;
        let found = words("a.rs", text).join(" ");
        assert_eq!(found, "one two three four x five six seven eight x nine");
    }

    #[test]
    fn markdown_gives_its_text_without_code() {
        let text = "# One\n\n    code\n\n```\ncode\n```\n[two](what/ever.md) `code` three\n";
        assert_eq!(words("a.md", text).join(" "), "one two x three");
    }
}
