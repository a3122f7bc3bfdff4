//! One file of Rust: the names that it defines, imports and mentions, read from its tokens.

use std::collections::BTreeSet;
use std::iter::Peekable;

use proc_macro2::{Delimiter, LexError, Span, TokenStream, TokenTree, token_stream};

/// Segments of a path. A path within the crate begins with `crate`: `self` and `super` are
/// resolved. Any other begins with a name of the file's scope, or of another crate.
pub(crate) type Segments = Vec<String>;

/// A `use` of one name.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) path: Segments,
    /// The name in this file; none for a glob.
    pub(crate) name: Option<String>,
    /// Whether other modules see it: `pub use` of any visibility.
    pub(crate) is_public: bool,
    pub(crate) line: usize,
}

/// The parts of a file that the rules look at; code for tests only is left out.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) defines: BTreeSet<String>,
    /// Macros that stand at the root of the crate by `macro_export`.
    pub(crate) root_macros: BTreeSet<String>,
    pub(crate) imports: Vec<Import>,
    /// Paths in code, with their lines; a name alone counts too.
    pub(crate) mentions: Vec<(Segments, usize)>,
    /// Modules in files of their own that are compiled for tests only: names or `#[path]`s.
    pub(crate) test_modules: Vec<String>,
}

impl Source {
    /// Reads the text of the module at this path from the crate's root.
    pub(crate) fn parse(module: &[String], text: &str) -> Result<Source, LexError> {
        let mut reader = Reader {
            module: module.to_vec(),
            source: Source::default(),
        };
        reader.read(text.parse()?, true);
        Ok(reader.source)
    }
}

/// Words before the name of an item.
const ITEMS: &[&str] = &[
    "const", "enum", "fn", "mod", "static", "struct", "trait", "type", "union",
];
/// Words that an item begins with and that are not before its name.
const BEGINS: &[&str] = &["async", "extern", "impl", "macro_rules", "unsafe", "use"];

type Tokens = Peekable<token_stream::IntoIter>;

struct Reader {
    /// The module being read; inline modules are pushed.
    module: Segments,
    source: Source,
}

impl Reader {
    /// Reads code; items at the root of the file define its names.
    fn read(&mut self, code: TokenStream, is_root: bool) {
        let mut tokens = code.into_iter().peekable();
        let (mut attributes, mut is_public, mut before) = (Vec::new(), false, ' ');
        while let Some(token) = tokens.next() {
            let first = match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    tokens.next_if(|token| is_punct(token, '!'));
                    let attribute = tokens.next_if(|token| is_group(token, Delimiter::Bracket));
                    attributes.extend(attribute.map(|token| token.to_string().replace(' ', "")));
                    continue;
                }
                TokenTree::Ident(first) if !matches!(before, '$' | '.' | '\'') => first,
                TokenTree::Punct(punct) => {
                    // The second point of a range is before no field.
                    let is_range = before == '.' && punct.as_char() == '.';
                    before = if is_range { ' ' } else { punct.as_char() };
                    continue;
                }
                other => {
                    if let TokenTree::Group(group) = other {
                        self.read(group.stream(), false);
                    }
                    before = ' ';
                    continue;
                }
            };
            before = ' ';
            let word = first.to_string();
            let has = |name: &str| attributes.iter().any(|attribute| attribute == name);
            if word == "pub" {
                is_public = true;
                tokens.next_if(|token| is_group(token, Delimiter::Parenthesis));
                continue;
            }
            let is_item = ITEMS.contains(&word.as_str()) || BEGINS.contains(&word.as_str());
            if is_item && has("[cfg(test)]") {
                self.leave_out(&word, &mut tokens, &attributes);
            } else if word == "use" && !tokens.peek().is_some_and(|next| is_punct(next, '<')) {
                self.import(&mut tokens, &[], is_public);
            } else if word == "macro_rules" {
                let name = tokens.nth(1).map(|name| name.to_string());
                // Its body is code of the place that calls it.
                let _body = tokens.next();
                if has("[macro_export]") {
                    self.source.root_macros.extend(name.clone());
                }
                self.source.defines.extend(name.filter(|_| is_root));
            } else if let Some(name) = name_after(&word, &mut tokens) {
                self.source.defines.extend(is_root.then(|| name.clone()));
                let body = tokens.next_if(|next| word == "mod" && is_group(next, Delimiter::Brace));
                if let Some(TokenTree::Group(body)) = body {
                    self.module.push(name);
                    self.read(body.stream(), false);
                    self.module.pop();
                }
            } else {
                self.mention(word, first.span(), &mut tokens);
            }
            attributes.clear();
            is_public = false;
        }
    }

    /// Reads past an item for tests.
    fn leave_out(&mut self, word: &str, tokens: &mut Tokens, attributes: &[String]) {
        let name = name_after(word, tokens).filter(|_| word == "mod");
        let mut rest = tokens
            .by_ref()
            .skip_while(|token| !is_punct(token, ';') && !is_group(token, Delimiter::Brace));
        let is_file = rest.next().is_some_and(|end| is_punct(&end, ';'));
        let mut attributes = attributes.iter();
        let path = attributes.find_map(|it| it.strip_prefix("[path=\"")?.strip_suffix("\"]"));
        let at = name.map(|name| path.map_or(name, str::to_owned));
        self.source.test_modules.extend(at.filter(|_| is_file));
    }

    /// A list of `use` trees below a path, up to its semicolon or the end of its group.
    fn import(&mut self, tokens: &mut Tokens, below: &[String], is_public: bool) {
        let mut path = below.to_vec();
        let (mut renamed, mut line) = (None, 0);
        loop {
            let token = tokens.next();
            match &token {
                Some(TokenTree::Ident(word)) if word == "as" => {
                    renamed = tokens.next().map(|name| name.to_string());
                }
                Some(TokenTree::Ident(word)) => {
                    path.push(word.to_string());
                    line = word.span().start().line;
                }
                Some(TokenTree::Group(group)) => {
                    let mut list = group.stream().into_iter().peekable();
                    self.import(&mut list, &path, is_public);
                    path = below.to_vec();
                }
                Some(glob) if is_punct(glob, '*') => {
                    let line = glob.span().start().line;
                    self.add(path, None, is_public, line);
                    path = below.to_vec();
                }
                Some(colon) if is_punct(colon, ':') => {}
                _ => {
                    if path.len() > below.len() {
                        if path.len() > 1 {
                            path.pop_if(|last| last == "self");
                        }
                        let name = renamed.take().or_else(|| path.last().cloned());
                        self.add(path, name, is_public, line);
                    }
                    path = below.to_vec();
                    if !token.is_some_and(|token| is_punct(&token, ',')) {
                        return;
                    }
                }
            }
        }
    }

    fn add(&mut self, path: Segments, name: Option<String>, is_public: bool, line: usize) {
        let path = self.absolute(path);
        self.source.imports.push(Import {
            path,
            name,
            is_public,
            line,
        });
    }

    fn mention(&mut self, first: String, span: Span, tokens: &mut Tokens) {
        let mut path = vec![first];
        // The two colons of a path are one sign, unlike the one before a type.
        while tokens.next_if(is_joint_colon).is_some() {
            let _second = tokens.next();
            match tokens.next_if(|next| matches!(next, TokenTree::Ident(_))) {
                Some(next) => path.push(next.to_string()),
                None => break,
            }
        }
        let path = self.absolute(path);
        self.source.mentions.push((path, span.start().line));
    }

    /// Replaces leading `self` and `super` by the way from the root.
    fn absolute(&self, path: Segments) -> Segments {
        if !matches!(path[0].as_str(), "self" | "super") {
            return path;
        }
        let mut way = [&["crate".to_owned()], self.module.as_slice()].concat();
        let mut rest = path.into_iter().peekable();
        while let Some(word) = rest.next_if(|word| word == "self" || word == "super") {
            way.pop_if(|_| word == "super");
        }
        way.extend(rest);
        way
    }
}

/// The name after a word that comes before one.
fn name_after(word: &str, tokens: &mut Tokens) -> Option<String> {
    let is_name = |word: &str| !ITEMS.contains(&word) && !BEGINS.contains(&word);
    let token = tokens.next_if(|next| {
        let is_ident = matches!(next, TokenTree::Ident(_));
        ITEMS.contains(&word) && is_ident && is_name(&next.to_string())
    });
    token.map(|name| name.to_string())
}

fn is_punct(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn is_joint_colon(token: &TokenTree) -> bool {
    is_punct(token, ':')
        && matches!(token, TokenTree::Punct(punct) if punct.spacing() == proc_macro2::Spacing::Joint)
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}
