//! What the network reached, as text.

use std::fmt::Write;

use crate::baseline::Baseline;
use crate::stones::Stones;

/// The mean of |error| in dollars, and the median of |error| in percent of the price.
fn errors(test: &Stones, prices: &[[f32; 1]]) -> (f64, f64) {
    let pairs = || prices.iter().zip(&test.prices).map(|([found], [price])| (f64::from(*found), f64::from(*price)));
    let dollars = pairs().map(|(found, price)| (found - price).abs()).sum::<f64>() / prices.len() as f64;
    let mut percent: Vec<f64> = pairs().map(|(found, price)| 100.0 * (found - price).abs() / price).collect();
    percent.sort_by(f64::total_cmp);
    (dollars, percent[percent.len() / 2])
}

/// The network beside the baselines, on the stones held back.
pub fn table(test: &Stones, prices: &[[f32; 1]], baselines: &[Baseline]) -> String {
    let (ours, percent) = errors(test, prices);
    let mut text = format!("On {} stones held back      mean absolute error   median error\n", test.len());
    let mut line = |name: &str, dollars: f64, percent: f64, ratio: String| {
        let _ = writeln!(text, "{name:36} {dollars:8.0} dollars   {percent:6.1} %{ratio}");
    };
    line("measures and grades fused", ours, percent, String::new());
    for baseline in baselines {
        let (dollars, percent) = errors(test, &baseline.prices);
        line(baseline.name, dollars, percent, format!("   (the network: {:.2} of it)", ours / dollars));
    }
    text
}

/// A few stones, what they cost and what the network says.
pub fn some_stones(test: &Stones, prices: &[[f32; 1]]) -> String {
    let mut text = String::from("carat   price    predicted\n");
    for ((measures, [price]), [found]) in test.measures.iter().zip(&test.prices).zip(prices).take(6) {
        let _ = writeln!(text, "{:5.2} {price:7.0} {found:12.0}", measures[0]);
    }
    text
}
