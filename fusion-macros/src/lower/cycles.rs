//! What is made of itself: a block that uses itself, a branch of a block that leads to itself.

use std::collections::HashSet;

use syn::Ident;

use super::blocks::{Blocks, steps, wires};
use super::check::for_bodies;
use crate::check;
use crate::report::Mistakes;
use crate::syntax::{Block, Item};

/// Says of each block that is made of itself where it uses itself.
pub fn of_blocks(blocks: &mut Blocks<'_>, mistakes: &mut Mistakes) {
    let mut done = HashSet::new();
    for block in blocks.all.clone() {
        visit(block, &mut Vec::new(), &mut done, blocks, mistakes);
    }
}

fn visit<'a>(
    block: &'a Block,
    path: &mut Vec<&'a Block>,
    done: &mut HashSet<String>,
    blocks: &mut Blocks<'a>,
    mistakes: &mut Mistakes,
) {
    if done.contains(&block.name.to_string()) {
        return;
    }
    path.push(block);
    let mut uses = Vec::new();
    for_bodies(block, &mut |body| steps(&body.elements, &mut |step| uses.push(step)));
    for step in uses {
        let Some(used) = blocks.of(step) else { continue };
        match path.iter().position(|earlier| std::ptr::eq(*earlier, used)) {
            Some(start) => {
                let words: Vec<String> = path[start..].iter().map(|block| block.name.to_string()).collect();
                mistakes.at(step.layer.written(), check::recursion(&words));
                blocks.broken.extend(words);
            }
            None => visit(used, path, done, blocks, mistakes),
        }
    }
    path.pop();
    done.insert(block.name.to_string());
}

/// Says of each branch of a block that leads to itself.
pub fn of_branches(block: &Block, mistakes: &mut Mistakes) {
    let mut edges: Vec<(&Ident, Vec<&Ident>)> = Vec::new();
    for item in &block.items {
        let Item::Chain(chain) = item else { continue };
        if chain.is_output {
            continue;
        }
        let mut sources = Vec::new();
        wires(&chain.body.source, &mut |wire| sources.push(wire));
        edges.extend(chain.binding.names().into_iter().map(|name| (name, sources.clone())));
    }
    let mut done: Vec<&Ident> = Vec::new();
    for (name, _) in &edges {
        follow(name, &edges, &mut Vec::new(), &mut done, mistakes);
    }
}

fn follow<'a>(
    name: &'a Ident,
    edges: &[(&'a Ident, Vec<&'a Ident>)],
    path: &mut Vec<&'a Ident>,
    done: &mut Vec<&'a Ident>,
    mistakes: &mut Mistakes,
) {
    if done.contains(&name) {
        return;
    }
    if let Some(start) = path.iter().position(|earlier| *earlier == name) {
        let words: Vec<String> = path[start..].iter().map(ToString::to_string).collect();
        mistakes.at(path[start], check::cycle(&words));
        done.extend(&path[start..]);
        return;
    }
    let Some((_, sources)) = edges.iter().find(|(known, _)| *known == name) else { return };
    path.push(name);
    for source in sources {
        follow(source, edges, path, done, mistakes);
    }
    path.pop();
    done.push(name);
}
