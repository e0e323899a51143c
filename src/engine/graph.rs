//! Order by dependencies.

use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graphmap::DiGraphMap;
use std::collections::BTreeMap;

/// Things that wait for each other in a circle, by name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these wait for each other: {}", .0.join(", "))]
pub struct Cycle(pub Vec<String>);

/// Returns the indices of `items` so that each comes after those it waits for; the same input gives the same order.
///
/// # Errors
/// Names the members of a cycle.
pub fn order<K: Ord + ToString>(items: &[(K, Vec<K>)]) -> Result<Vec<usize>, Cycle> {
    let index: BTreeMap<&K, usize> = items.iter().enumerate().map(|(at, (key, _))| (key, at)).collect();
    let mut graph = DiGraphMap::<usize, ()>::new();
    // Added backwards: toposort visits the last node first, and so keeps the order of the input where it may.
    for at in (0..items.len()).rev() {
        graph.add_node(at);
    }
    for (at, (_, waits_for)) in items.iter().enumerate() {
        for other in waits_for.iter().filter_map(|key| index.get(key)) {
            graph.add_edge(*other, at, ());
        }
    }
    toposort(&graph, None).map_err(|_| {
        let circle = tarjan_scc(&graph).into_iter().find(|members| members.len() > 1).unwrap_or_default();
        let mut names: Vec<String> =
            circle.into_iter().filter_map(|at| items.get(at)).map(|(key, _)| key.to_string()).collect();
        names.sort();
        Cycle(names)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_comes_later_and_a_cycle_names_its_members() {
        let items = [("c", vec!["a", "b"]), ("a", vec![]), ("b", vec!["a"]), ("d", vec!["missing"])];
        let order = order(&items).expect("no cycle");
        let place = |key: &str| order.iter().position(|at| items[*at].0 == key);
        assert!(place("a") < place("b") && place("b") < place("c"));
        let circle = super::order(&[("a", vec!["b"]), ("b", vec!["a"]), ("c", vec![])]);
        assert_eq!(circle, Err(Cycle(vec!["a".into(), "b".into()])));
    }
}
