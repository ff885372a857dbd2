// Package benefits decides and pays what members are entitled to (社会保险待遇). The determination of a pension is package benefits/pension; smaller
// allowances are computed here.
package benefits
