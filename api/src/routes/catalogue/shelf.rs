//! All that is published in a pole, ready to be looked through.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::value::RawValue;

use super::view::{CataloguePage, CatalogueService, Facet, Facets, Versions};
use crate::catalogue::Ready;
use crate::clock::Time;
use crate::db::catalogue::Published;
use crate::db::meters::MeterRow;
use crate::db::providers::ProviderRow;
use crate::db::services::{ServiceRow, tags_in};
use crate::http::{Cursor, List, Page};
use crate::id::ProviderId;
use crate::problem::Problem;
use crate::search::folded;

/// The published services of a pole, by name.
pub(crate) struct Shelf {
    items: Vec<Item>,
    /// Where a service stands, by its id and by its code.
    places: HashMap<String, usize>,
    /// When a price changes that is announced.
    until: Option<Time>,
}

/// A service, with what it is found by.
struct Item {
    place: Place,
    code: String,
    search: String,
    category: String,
    tags: Vec<String>,
    provider: ProviderId,
    json: Box<RawValue>,
    answer: Arc<Ready>,
}

/// Where a service stands: by its name in French, then by its id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    name: String,
    id: String,
}

/// What is looked for.
pub(super) struct Wanted {
    /// Words that must all be there, without accents and case.
    pub(super) words: Vec<String>,
    pub(super) category: Option<String>,
    pub(super) tag: Option<String>,
    pub(super) provider: Option<ProviderId>,
}

impl Cursor for Place {
    fn write(&self) -> String {
        format!("{}\n{}", self.name, self.id)
    }

    fn read(text: &str) -> Option<Self> {
        let (name, id) = text.split_once('\n')?;
        Some(Self { name: name.to_owned(), id: id.to_owned() })
    }
}

impl Shelf {
    /// What is published, as it is at an instant.
    pub(crate) fn new(published: Published, now: Time) -> Result<Self, Problem> {
        let Published { services, meters, tariffs, .. } = published;
        let mut items = Vec::with_capacity(services.len());
        let mut until = None;
        for (row, provider) in services {
            let versions = Versions::of(&row.service_id, &tariffs, now);
            until = until.into_iter().chain(versions.next.map(|next| next.takes_effect_at)).min();
            items.push(Item::new(row, provider, &meters, &versions)?);
        }
        items.sort_by(|a, b| a.place.cmp(&b.place));
        let mut places = HashMap::new();
        for (position, item) in items.iter().enumerate() {
            places.insert(item.place.id.clone(), position);
            places.insert(item.code.clone(), position);
        }
        Ok(Self { items, places, until })
    }

    /// Until when it stays as it is, if no one changes it.
    pub(crate) const fn until(&self) -> Option<Time> {
        self.until
    }

    /// The answer for a service, by its code or id.
    pub(super) fn service(&self, name: &str) -> Option<&Arc<Ready>> {
        let item = self.items.get(*self.places.get(name)?)?;
        Some(&item.answer)
    }

    /// A page of what is looked for.
    pub(super) fn page(&self, wanted: &Wanted, page: &Page) -> Result<CataloguePage<'_>, Problem> {
        let after = page.after::<Place>()?;
        let rows = usize::try_from(page.rows()).unwrap_or(usize::MAX);
        let found = self.items.iter().filter(|item| wanted.category_fits(item));
        let found = found.filter(|item| wanted.tag_fits(item) && wanted.rest_fits(item));
        let behind = found.filter(|item| after.as_ref().is_none_or(|after| item.place > *after));
        let list: List<&Item> =
            page.list(behind.take(rows).collect(), |item: &&Item| item.place.clone());
        Ok(CataloguePage {
            data: list.data.into_iter().map(|item| &*item.json).collect(),
            next_cursor: list.next_cursor,
            facets: self.facets(wanted),
        })
    }

    fn facets(&self, wanted: &Wanted) -> Facets {
        let (mut categories, mut tags) = (BTreeMap::new(), BTreeMap::new());
        for item in self.items.iter().filter(|item| wanted.rest_fits(item)) {
            if wanted.tag_fits(item) {
                count(&mut categories, &item.category);
            }
            if wanted.category_fits(item) {
                item.tags.iter().for_each(|tag| count(&mut tags, tag));
            }
        }
        let mut tags = listed(tags);
        tags.sort_by_key(|facet| std::cmp::Reverse(facet.count));
        Facets { categories: listed(categories), tags }
    }
}

fn count<'w>(words: &mut BTreeMap<&'w str, usize>, word: &'w str) {
    let so_far = words.entry(word).or_default();
    *so_far = so_far.saturating_add(1);
}

fn listed(words: BTreeMap<&str, usize>) -> Vec<Facet> {
    words.into_iter().map(|(word, count)| Facet { value: word.to_owned(), count }).collect()
}

impl Wanted {
    fn category_fits(&self, item: &Item) -> bool {
        self.category.as_ref().is_none_or(|category| item.category == *category)
    }

    fn tag_fits(&self, item: &Item) -> bool {
        self.tag.as_ref().is_none_or(|tag| item.tags.contains(tag))
    }

    fn rest_fits(&self, item: &Item) -> bool {
        self.provider.as_ref().is_none_or(|provider| item.provider == *provider)
            && self.words.iter().all(|word| item.search.contains(word.as_str()))
    }
}

impl Item {
    fn new(
        row: ServiceRow,
        provider: ProviderRow,
        meters: &[MeterRow],
        tariffs: &Versions<'_>,
    ) -> Result<Self, Problem> {
        let place = Place { name: folded(&row.name_fr), id: row.service_id.to_string() };
        let search = format!("{}\n{}", row.search, provider.search);
        let tags = tags_in(&row.tags).map(str::to_owned).collect();
        let (code, category) = (row.code.clone(), row.category.clone());
        let provider_id = row.provider_id.clone();
        let view = CatalogueService::new(row, provider, meters, tariffs)?;
        let json = serde_json::value::to_raw_value(&view);
        let json = json.map_err(|error| Problem::internal(&error))?;
        let answer = Arc::new(Ready::json(&json)?);
        Ok(Self { place, code, search, category, tags, provider: provider_id, json, answer })
    }
}
