// Package pension computes the pension of China's employees' scheme (企业职工基本养老金核定) from a locality's policy and one member's figures.
//
//	basic        = (W + W × index) ÷ 2 × years × 1 %       基础养老金
//	account      = balance ÷ divisor months                个人账户养老金
//	transitional = W × index × years before × k %          过渡性养老金
//
// Localities differ in which bases are averaged, how years are counted, what is added and where a figure is rounded; all that is a
// scheme.PensionPolicy. Arithmetic is exact: products and quotients are kept as fractions and rounded once at each stage that the policy names.
//
// A Determination keeps its policy, its inputs and a trace of every step. Its JSON is stable, byte for byte, and Reperform computes it again from
// what it holds. Nothing here reads a clock, a file or a database.
package pension
