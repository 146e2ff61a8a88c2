//! Where boxes go: each in the row below the last of those that lead to it, beside the others of the row, near those that
//! it is connected with. (After Sugiyama, Tagawa and Toda, 1981.)

use super::diagram::Diagram;

/// Between two boxes of a row.
const BESIDE: f64 = 28.0;
/// What an arrow takes that goes past a row.
const PASSING: f64 = 12.0;
/// How often rows are put in order by their neighbours.
const SWEEPS: usize = 8;

/// The places of boxes, by their number, and the ways of arrows.
pub(super) struct Layout {
    /// The middle of each box, and its row.
    pub boxes: Vec<(f64, usize)>,
    /// For each arrow, the middles of the places that it goes past, by row.
    pub ways: Vec<Vec<(f64, usize)>>,
    pub rows: usize,
    pub width: f64,
}

/// A box, or a place where an arrow goes past a row.
struct Place {
    row: usize,
    width: f64,
    middle: f64,
    above: Vec<usize>,
    below: Vec<usize>,
}

impl Layout {
    /// Of boxes of these widths.
    pub fn of(diagram: &Diagram, widths: &[f64]) -> Self {
        let rows = rows(diagram);
        let mut places: Vec<Place> = (rows.iter().zip(widths))
            .map(|(row, width)| Place { row: *row, width: *width, middle: 0.0, above: Vec::new(), below: Vec::new() })
            .collect();
        let ways: Vec<Vec<usize>> = diagram.arrows.iter().map(|arrow| way(&mut places, arrow.from, arrow.to)).collect();
        let mut order = by_row(&places);
        order.iter().for_each(|row| set_apart(&mut places, row));
        for sweep in 0..SWEEPS {
            let down = sweep % 2 == 0;
            let count = order.len();
            for index in 0..count {
                let row = if down { index } else { count - 1 - index };
                pull(&mut places, &mut order[row], down);
            }
        }
        Self::settled(&places, &ways, order.len())
    }

    /// Moved so that the leftmost begins at 0.
    fn settled(places: &[Place], ways: &[Vec<usize>], rows: usize) -> Self {
        let left = places.iter().map(|place| place.middle - place.width / 2.0).fold(f64::INFINITY, f64::min);
        let right = places.iter().map(|place| place.middle + place.width / 2.0).fold(f64::NEG_INFINITY, f64::max);
        let at = |index: &usize| (places[*index].middle - left, places[*index].row);
        let passing: usize = ways.iter().map(Vec::len).sum();
        Self {
            boxes: (0..places.len() - passing).map(|index| at(&index)).collect(),
            ways: ways.iter().map(|way| way.iter().map(at).collect()).collect(),
            rows,
            width: (right - left).max(0.0),
        }
    }
}

/// The row of each box: the longest way that leads to it; inputs are just above what takes them first.
fn rows(diagram: &Diagram) -> Vec<usize> {
    let mut rows: Vec<usize> = vec![0; diagram.boxes.len()];
    // Boxes come after those that lead to them.
    for to in 0..rows.len() {
        let above = diagram.arrows.iter().filter(|arrow| arrow.to == to).map(|arrow| rows[arrow.from] + 1);
        rows[to] = above.max().unwrap_or(0);
    }
    for from in 0..rows.len() {
        let is_first = !diagram.arrows.iter().any(|arrow| arrow.to == from);
        let below = diagram.arrows.iter().filter(|arrow| arrow.from == from).map(|arrow| rows[arrow.to]).min();
        if let (true, Some(below)) = (is_first, below) {
            rows[from] = below.saturating_sub(1);
        }
    }
    rows
}

/// Makes a place in each row that an arrow goes past, and connects all of them.
fn way(places: &mut Vec<Place>, from: usize, to: usize) -> Vec<usize> {
    let (mut last, mut way) = (from, Vec::new());
    for row in places[from].row + 1..places[to].row {
        places.push(Place { row, width: PASSING, middle: 0.0, above: vec![last], below: Vec::new() });
        let place = places.len() - 1;
        places[last].below.push(place);
        way.push(place);
        last = place;
    }
    places[last].below.push(to);
    places[to].above.push(last);
    way
}

/// The places of each row, in the order in which they were made.
fn by_row(places: &[Place]) -> Vec<Vec<usize>> {
    let count = places.iter().map(|place| place.row + 1).max().unwrap_or(0);
    let mut rows = vec![Vec::new(); count];
    places.iter().enumerate().for_each(|(index, place)| rows[place.row].push(index));
    rows
}

/// Puts the places of a row side by side, around 0.
fn set_apart(places: &mut [Place], row: &[usize]) {
    let total: f64 = row.iter().map(|index| places[*index].width + BESIDE).sum();
    let mut at = -total / 2.0;
    for index in row {
        places[*index].middle = at + (places[*index].width + BESIDE) / 2.0;
        at += places[*index].width + BESIDE;
    }
}

/// Orders a row by the middles of its neighbours above, or below, and moves its places there as far as they have room.
fn pull(places: &mut [Place], row: &mut [usize], from_above: bool) {
    let wanted = |place: &Place| {
        let neighbours = if from_above { &place.above } else { &place.below };
        match neighbours.len() {
            0 => place.middle,
            count => neighbours.iter().map(|index| places[*index].middle).sum::<f64>() / count as f64,
        }
    };
    let mut targets: Vec<(f64, usize)> = row.iter().map(|index| (wanted(&places[*index]), *index)).collect();
    targets.sort_by(|a, b| a.0.total_cmp(&b.0));
    // From the left each as near as it can be; then all back by half of what they were pushed on the whole.
    let mut end = f64::NEG_INFINITY;
    let mut pushed = 0.0;
    let mut middles = Vec::new();
    for (target, index) in &targets {
        let half = places[*index].width / 2.0;
        let middle = target.max(end + half);
        pushed += middle - target;
        end = middle + half + BESIDE;
        middles.push(middle);
    }
    let back = pushed / targets.len().max(1) as f64;
    for ((slot, (_, index)), middle) in row.iter_mut().zip(&targets).zip(middles) {
        *slot = *index;
        places[*index].middle = middle - back;
    }
}
