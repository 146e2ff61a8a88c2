//! How a deep model stays within the depth to which the compiler goes.
//!
//! A wire's type is worked out from that of the wire before it, and so on back to the inputs. Whatever names the last one
//! first, as a function's signature may, has the compiler go down all of them at once, and it gives up at 128. So on each
//! way a step after every [`MOST`] names the wires of those like it that lead to it, in order: each of them is worked out
//! from the one before, and what follows begins there.

use crate::resolve::{Operation, Value};

/// How many steps are worked out within one another.
const MOST: usize = 32;

/// For each operation the operations whose wires it names first.
pub fn named_first(operations: &[Operation<'_>]) -> Vec<Vec<usize>> {
    let count = operations.len();
    let sources = |index: usize| {
        operations[index].operands.iter().filter_map(|value| match value {
            Value::Operation(source) => Some(*source),
            Value::Input(_) => None,
        })
    };
    // How many steps lead to each without one that names others, and all of the latter that lead to it.
    let (mut runs, mut leading) = (vec![0; count], vec![Vec::new(); count]);
    let mut named_first = vec![Vec::new(); count];
    for (place, index) in in_order(count, |index| sources(index).collect()).into_iter().enumerate() {
        let mut found: Vec<(usize, usize)> = sources(index).flat_map(|source| leading[source].clone()).collect();
        found.sort_unstable();
        found.dedup();
        runs[index] = 1 + sources(index).map(|source| runs[source]).max().unwrap_or(0);
        if runs[index] > MOST {
            named_first[index] = found.iter().map(|(_, operation)| *operation).collect();
            found.push((place, index));
            runs[index] = 0;
        }
        leading[index] = found;
    }
    named_first
}

/// The operations, each after those it takes its input from.
fn in_order(count: usize, sources: impl Fn(usize) -> Vec<usize>) -> Vec<usize> {
    let (mut order, mut done) = (Vec::new(), vec![false; count]);
    for start in 0..count {
        let mut path = vec![start];
        while let Some(&index) = path.last() {
            let open = sources(index).into_iter().find(|source| !done[*source] && !path.contains(source));
            match open {
                Some(source) => path.push(source),
                None => {
                    path.pop();
                    if !std::mem::replace(&mut done[index], true) {
                        order.push(index);
                    }
                }
            }
        }
    }
    order
}
