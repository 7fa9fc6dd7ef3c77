//! What is public, read from the sources: what `pub use` names, followed into the crates behind the facade.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, Expr, Ident, Item, ItemMod, ItemUse, Lit, Meta, UseTree, Visibility};

/// The crates behind the facade, by the names under which it uses them.
const CRATES: [(&str, &str); 6] = [
    ("annals_core", "core"),
    ("annals_macros", "macros"),
    ("annals_runtime", "runtime"),
    ("annals_store_memory", "store-memory"),
    ("annals_store_postgres", "store-postgres"),
    ("annals_store_sqlite", "store-sqlite"),
];

/// The names in each module, with the feature that each needs, or none.
pub(crate) type Surface = BTreeMap<String, BTreeSet<(String, Option<String>)>>;

/// The folder of the workspace.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace").to_owned()
}

/// The public items of the facade, by module.
pub(crate) fn surface() -> Surface {
    let mut surface = Surface::new();
    Module::root("").walk("annals", None, &mut surface);
    surface
}

/// A module in a file of its own.
struct Module {
    items: Vec<Item>,
    /// Where the files of its modules are.
    folder: PathBuf,
}

impl Module {
    /// The root of the crate in this folder.
    fn root(folder: &str) -> Self {
        let source = repository().join(folder).join("src");
        Self { items: parse(&source.join("lib.rs")), folder: source }
    }

    /// A module that this one declares.
    fn module(&self, name: &Ident) -> Self {
        let folder = self.folder.join(name.to_string());
        let file = folder.with_extension("rs");
        Self { items: parse(&if file.exists() { file } else { folder.join("mod.rs") }), folder }
    }

    /// The module of this name, if it is public.
    fn public_module(&self, name: &Ident) -> Option<Self> {
        let declares = |item: &&Item| matches!(item, Item::Mod(it) if it.ident == *name && is_public(&it.vis, &it.attrs));
        self.items.iter().find(declares).map(|_| self.module(name))
    }

    /// Notes what is public here, as what is in `path`.
    fn walk(&self, path: &str, feature: Option<&str>, surface: &mut Surface) {
        surface.entry(path.to_owned()).or_default();
        for item in &self.items {
            match item {
                Item::Use(ItemUse { vis, attrs, tree, .. }) if is_public(vis, attrs) => {
                    let feature = feature_of(attrs).or_else(|| feature.map(str::to_owned));
                    let mut prefix = Vec::new();
                    self.follow(tree, &mut prefix, path, feature.as_deref(), surface);
                }
                Item::Mod(ItemMod { vis, attrs, ident, .. }) if is_public(vis, attrs) => {
                    let feature = feature_of(attrs).or_else(|| feature.map(str::to_owned));
                    self.module(ident).walk(&format!("{path}::{ident}"), feature.as_deref(), surface);
                }
                _ => {
                    if let Some(name) = declared(item) {
                        note(surface, path, name, feature);
                    }
                }
            }
        }
    }

    fn follow(&self, tree: &UseTree, prefix: &mut Vec<Ident>, path: &str, feature: Option<&str>, surface: &mut Surface) {
        match tree {
            UseTree::Path(tree) => {
                prefix.push(tree.ident.clone());
                self.follow(&tree.tree, prefix, path, feature, surface);
                prefix.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.follow(tree, prefix, path, feature, surface)),
            UseTree::Name(tree) => reexport(prefix, &tree.ident, &tree.ident, path, feature, surface),
            UseTree::Rename(tree) => reexport(prefix, &tree.ident, &tree.rename, path, feature, surface),
            UseTree::Glob(_) => panic!("{path}: what `*` names is not to be seen: name it"),
        }
    }
}

/// Notes what a `pub use` names: an item, or a whole module or crate of ours.
fn reexport(prefix: &[Ident], name: &Ident, rename: &Ident, path: &str, feature: Option<&str>, surface: &mut Surface) {
    let module = match prefix {
        [] => of_ours(name).map(Module::root),
        [first] => of_ours(first).and_then(|folder| Module::root(folder).public_module(name)),
        _ => None,
    };
    match module {
        Some(module) => module.walk(&format!("{path}::{rename}"), feature, surface),
        None => note(surface, path, rename, feature),
    }
}

fn note(surface: &mut Surface, path: &str, name: &Ident, feature: Option<&str>) {
    surface.entry(path.to_owned()).or_default().insert((name.to_string(), feature.map(str::to_owned)));
}

/// The folder of a crate behind the facade.
fn of_ours(name: &Ident) -> Option<&'static str> {
    CRATES.iter().find(|(of_ours, _)| name == of_ours).map(|(_, folder)| *folder)
}

/// The name of an item, if it is public.
fn declared(item: &Item) -> Option<&Ident> {
    let (vis, attrs, name) = match item {
        Item::Const(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Enum(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Fn(it) => (&it.vis, &it.attrs, &it.sig.ident),
        Item::Static(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Struct(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Trait(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Type(it) => (&it.vis, &it.attrs, &it.ident),
        _ => return None,
    };
    is_public(vis, attrs).then_some(name)
}

fn is_public(vis: &Visibility, attrs: &[Attribute]) -> bool {
    let is_hidden = |attribute: &Attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("doc") && list.tokens.to_string() == "hidden",
        _ => false,
    };
    matches!(vis, Visibility::Public(_)) && !attrs.iter().any(is_hidden)
}

/// `…` of `#[cfg(feature = "…")]`.
fn feature_of(attrs: &[Attribute]) -> Option<String> {
    attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).find_map(|attribute| {
        let Ok(Meta::NameValue(condition)) = attribute.parse_args() else { return None };
        match condition.value {
            Expr::Lit(value) if condition.path.is_ident("feature") => match value.lit {
                Lit::Str(feature) => Some(feature.value()),
                _ => None,
            },
            _ => None,
        }
    })
}

fn parse(file: &Path) -> Vec<Item> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())).items
}
