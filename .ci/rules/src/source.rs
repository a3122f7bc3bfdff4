//! One file of Rust: the names that it defines, imports and mentions.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

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
    /// Paths in code, with their lines.
    pub(crate) mentions: Vec<(Segments, usize)>,
    /// Modules in files of their own that are compiled for tests only: names or `#[path]`s.
    pub(crate) test_modules: Vec<String>,
}

impl Source {
    /// Reads the text of the module at this path from the crate's root.
    pub(crate) fn parse(module: &[String], text: &str) -> syn::Result<Source> {
        let file = syn::parse_file(text)?;
        let mut reader = Reader {
            module: module.to_vec(),
            depth: 0,
            source: Source::default(),
        };
        reader.visit_file(&file);
        Ok(reader.source)
    }
}

struct Reader {
    /// The module being read; inline modules are pushed.
    module: Segments,
    /// How many inline modules deep.
    depth: usize,
    source: Source,
}

impl Reader {
    /// Replaces leading `self` and `super` by the way from the root.
    fn absolute(&self, path: Segments) -> Segments {
        let mut base = match path.first().map(String::as_str) {
            Some("self" | "super") => self.module.clone(),
            _ => return path,
        };
        let mut rest = path.into_iter().peekable();
        while let Some(word) = rest.next_if(|word| word == "self" || word == "super") {
            if word == "super" {
                base.pop();
            }
        }
        ["crate".to_owned()]
            .into_iter()
            .chain(base)
            .chain(rest)
            .collect()
    }

    fn import(&mut self, tree: &syn::UseTree, before: &[String], is_public: bool) {
        let longer = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        let (path, name, span) = match tree {
            syn::UseTree::Path(path) => {
                return self.import(&path.tree, &longer(&path.ident), is_public);
            }
            syn::UseTree::Group(group) => {
                return group
                    .items
                    .iter()
                    .for_each(|item| self.import(item, before, is_public));
            }
            syn::UseTree::Name(name) if name.ident == "self" => {
                (before.to_vec(), before.last().cloned(), name.span())
            }
            syn::UseTree::Name(name) => (
                longer(&name.ident),
                Some(name.ident.to_string()),
                name.span(),
            ),
            syn::UseTree::Rename(rename) => (
                longer(&rename.ident),
                Some(rename.rename.to_string()),
                rename.span(),
            ),
            syn::UseTree::Glob(glob) => (before.to_vec(), None, glob.span()),
        };
        let (path, line) = (self.absolute(path), span.start().line);
        self.source.imports.push(Import {
            path,
            name,
            is_public,
            line,
        });
    }

    fn mention(&mut self, path: Segments, span: Span) {
        let path = self.absolute(path);
        self.source.mentions.push((path, span.start().line));
    }

    fn define(&mut self, item: &syn::Item) {
        use syn::*;
        let (Item::Const(ItemConst { ident, .. })
        | Item::Enum(ItemEnum { ident, .. })
        | Item::Fn(ItemFn {
            sig: Signature { ident, .. },
            ..
        })
        | Item::Macro(ItemMacro {
            ident: Some(ident), ..
        })
        | Item::Mod(ItemMod { ident, .. })
        | Item::Static(ItemStatic { ident, .. })
        | Item::Struct(ItemStruct { ident, .. })
        | Item::Trait(ItemTrait { ident, .. })
        | Item::Type(ItemType { ident, .. })
        | Item::Union(ItemUnion { ident, .. })) = item
        else {
            return;
        };
        self.source.defines.insert(ident.to_string());
        let is_macro = matches!(item, Item::Macro(_));
        if is_macro
            && attributes(item)
                .iter()
                .any(|attr| attr.path().is_ident("macro_export"))
        {
            self.source.root_macros.insert(ident.to_string());
        }
    }

    /// Paths in the tokens of a macro, as far as they look like paths.
    fn scan(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        let mut after_dollar = false;
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => self.scan(group.stream()),
                TokenTree::Ident(first) if !after_dollar => {
                    let (mut path, span) = (vec![first.to_string()], first.span());
                    while tokens.next_if(is_colon).is_some() {
                        let _second_colon = tokens.next_if(is_colon);
                        match tokens.next_if(|next| matches!(next, TokenTree::Ident(_))) {
                            Some(next) => path.push(next.to_string()),
                            None => break,
                        }
                    }
                    self.mention(path, span);
                    after_dollar = false;
                }
                other => after_dollar = matches!(&other, TokenTree::Punct(p) if p.as_char() == '$'),
            }
        }
    }
}

fn is_colon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':')
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attrs = attributes(item);
        let is_file = matches!(item, syn::Item::Mod(module) if module.content.is_none());
        if attrs.iter().any(is_for_tests) {
            if let (syn::Item::Mod(module), true) = (item, is_file) {
                let at = attrs
                    .iter()
                    .find_map(path_of)
                    .unwrap_or(module.ident.to_string());
                self.source.test_modules.push(at);
            }
            return;
        }
        if self.depth == 0 {
            self.define(item);
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.module.push(module.ident.to_string());
        self.depth += 1;
        visit::visit_item_mod(self, module);
        self.depth -= 1;
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_public = !matches!(item.vis, syn::Visibility::Inherited);
        self.import(&item.tree, &[], is_public);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let segments = path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string());
            self.mention(segments.collect(), path.span());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        if !mac.path.is_ident("macro_rules") {
            self.visit_path(&mac.path);
            self.scan(mac.tokens.clone());
        }
    }

    // Neither imports anything.
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    use syn::*;
    match item {
        Item::Fn(ItemFn { attrs, .. })
        | Item::Impl(ItemImpl { attrs, .. })
        | Item::Macro(ItemMacro { attrs, .. })
        | Item::Mod(ItemMod { attrs, .. })
        | Item::Struct(ItemStruct { attrs, .. })
        | Item::Use(ItemUse { attrs, .. }) => attrs,
        _ => &[],
    }
}

/// Whether it is `#[cfg(test)]`.
fn is_for_tests(attr: &syn::Attribute) -> bool {
    attr.path().is_ident("cfg")
        && attr
            .parse_args::<syn::Ident>()
            .is_ok_and(|condition| condition == "test")
}

fn path_of(attr: &syn::Attribute) -> Option<String> {
    let syn::Meta::NameValue(pair) = &attr.meta else {
        return None;
    };
    match &pair.value {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(path),
            ..
        }) if pair.path.is_ident("path") => Some(path.value()),
        _ => None,
    }
}
