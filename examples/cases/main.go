// Command cases runs published worked examples against the engine and prints what it computed beside what the sheets say.
//
//	go run ./examples/cases [-v] [-law FILE]… FILE…
//
// It ends with 0 when every case of a known kind agrees, 1 when one does not, 2 when a file cannot be read.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/fundledger/fundledger/registration/scheme"
)

func main() { os.Exit(runCommand(os.Args[1:], os.Stdout, os.Stderr)) }

// The ways the command ends.
const (
	allPassed  = 0
	someFailed = 1
	unreadable = 2
)

func runCommand(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("cases", flag.ContinueOnError)
	flags.SetOutput(stderr)
	verbose := flags.Bool("v", false, "print the trace of every case")
	var overlays []string
	flags.Func("law", "a parameter file laid over the embedded ones; may be given several times", func(name string) error {
		overlays = append(overlays, name)
		return nil
	})
	if err := flags.Parse(arguments); err != nil {
		return unreadable
	}
	if flags.NArg() == 0 {
		fmt.Fprintln(stderr, "cases: name at least one file of cases, such as examples/cases/testdata/published.yaml")
		return unreadable
	}
	law, err := loadLaw(overlays)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return unreadable
	}
	cases, err := readCases(flags.Args())
	if err != nil {
		fmt.Fprintln(stderr, err)
		for i := range cases {
			for _, fault := range cases[i].faults {
				fmt.Fprintln(stderr, fault)
			}
		}
		return unreadable
	}
	out := bufio.NewWriter(stdout)
	defer out.Flush()
	return report(out, law, cases, *verbose)
}

// loadLaw reads the embedded parameters of China with the deployer's files over them.
func loadLaw(overlays []string) (*scheme.Catalogue, error) {
	var files []scheme.File
	for _, name := range overlays {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files = append(files, scheme.File{Name: name, Content: content})
	}
	return scheme.China(files...)
}

// report runs the cases, prints each, and ends with the counts alone on a line.
func report(out io.Writer, law *scheme.Catalogue, cases []publishedCase, verbose bool) int {
	passed, failed, skipped := 0, 0, 0
	for i := range cases {
		o := run(law, &cases[i])
		switch {
		case o.skipped != "":
			skipped++
		case o.passed():
			passed++
		default:
			failed++
		}
		printOutcome(out, &o, verbose)
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", passed, failed, skipped)
	if failed > 0 {
		return someFailed
	}
	return allPassed
}
