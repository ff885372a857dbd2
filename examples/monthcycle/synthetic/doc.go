// Package synthetic invents an agency and writes the folder of its year: employers, members, declarations, bank statements, claims, and expected.yaml, what an
// audit of the books must find. Everything follows from a seed. Nobody in it is real: identity numbers and credit codes have right check characters in areas
// from 590000 on, where no place has ever had a code.
//
// The arithmetic is the package's own, in whole minor units, so that it predicts every line of the bank: the year only runs to its end where the engine and the
// prediction agree to the cent. From the library come dated law (registration/scheme), the pension formula (benefits/pension) and the surcharge.
package synthetic
