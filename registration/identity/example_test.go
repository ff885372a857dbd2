package identity_test

import (
	"fmt"

	"github.com/fundledger/fundledger/registration/identity"
)

func ExampleParseNumber() {
	number, err := identity.ParseNumber("11010519491231002X") // the example of GB 11643-1999
	fmt.Println(number, number.Birth(), number.Sex(), err)
	_, err = identity.ParseNumber("110105194912310021")
	fmt.Println(err)
	// Output:
	// 11**************2X 1949-12-31 female <nil>
	// identity: identity number 11**************21, position 18: the check character is 1, computed X (weighted sum 167, remainder 2 by 11); compare the number with the card; one digit is wrong or two are exchanged
}

func ExampleParseCreditCode() {
	code, err := identity.ParseCreditCode("91350100M000100Y43")
	fmt.Println(code, code.Area(), err)
	_, err = identity.ParseCreditCode("9135O100M000100Y43")
	fmt.Println(err)
	// Output:
	// 91350100M000100Y43 350100 <nil>
	// identity: credit code "9135O100M000100Y43", position 5: 'O' cannot stand here; the code has no I, O, S, V and Z; perhaps 0 is meant
}
