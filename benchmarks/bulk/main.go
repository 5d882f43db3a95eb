// Command bulk measures how contact merge --ndjson does with files from ten thousand contacts to
// ten million, beside what people write for it in jq and in Python, and writes the figures into
// docs/bulk.md and bulk.svg. Run it in the folder benchmarks:
//
//	go run ./bulk [-most 10000000] [-folder DIR]
//
// Ten million contacts take 25 GB of that folder's disk and some minutes. jq and python3 must be
// there.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

//go:embed merge.jq
var jqProgram string

//go:embed merge.py
var pythonProgram string

const (
	least    = 10_000
	compared = 100_000 // contacts that all programs merge
	page     = "../docs/bulk.md"
	chart    = "bulk.svg"
	opening  = "<!-- figures: go run ./bulk in benchmarks -->\n"
	closing  = "<!-- end of figures -->\n"
)

// A figure is what one run took.
type figure struct {
	program  string
	contacts int
	wall     time.Duration
	cpu      time.Duration
	memory   int64 // bytes, at the peak
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("bulk: ")
	most := flag.Int("most", 10_000_000, "contacts in the largest run")
	folder := flag.String("folder", os.TempDir(), "where the files go")
	flag.Parse()
	if err := run(*most, *folder); err != nil {
		log.Fatal(err)
	}
}

func run(most int, folder string) error {
	dir, err := os.MkdirTemp(folder, "contact-bulk-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	contact := filepath.Join(dir, "contact")
	build := exec.Command("go", "-C", "..", "build", "-o", contact, "./cmd/contact")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return err
	}
	var sizes, programs []figure
	for n := least; n <= most; n *= 10 {
		f := files{dir, n}
		if err := f.make(contact); err != nil {
			return err
		}
		merge := []string{contact, "merge", "--ndjson", "--output", f.name("merged"),
			f.name("contacts"), f.name("patches")}
		one, err := measure("contact merge --ndjson", n, f, merge...)
		if err != nil {
			return err
		}
		sizes = append(sizes, one)
		if n == compared {
			programs = append(programs, one)
			for _, c := range []struct {
				program string
				args    []string
			}{
				{"jq", []string{"jq", "-cn", "--slurpfile", "patches", f.name("patches"), jqProgram, f.name("contacts")}},
				{"Python", []string{"python3", "-c", pythonProgram, f.name("contacts"), f.name("patches")}},
			} {
				one, err := measure(c.program, n, f, c.args...)
				if err != nil {
					return err
				}
				programs = append(programs, one)
			}
		}
		f.remove()
	}
	if err := os.WriteFile(chart, []byte(draw(sizes)), 0o644); err != nil {
		return err
	}
	return replace(page, figures(sizes, programs))
}

// files are those of one size.
type files struct {
	dir string
	n   int
}

func (f files) name(what string) string {
	return filepath.Join(f.dir, fmt.Sprintf("%s-%d.ndjson", what, f.n))
}

// make makes the contacts and a patch for each, in another order.
func (f files) make(contact string) error {
	lines := fmt.Sprint(f.n)
	for name, args := range map[string][]string{
		"contacts": {"sample", "--lines", lines},
		"patches":  {"sample", "--lines", lines, "--patches", lines, "--shuffle"},
	} {
		if err := into(f.name(name), exec.Command(contact, args...)); err != nil {
			return err
		}
	}
	return nil
}

func (f files) remove() {
	for _, name := range []string{"contacts", "patches", "merged", "printed"} {
		os.Remove(f.name(name))
	}
}

// into runs a command whose output goes to a file.
func into(name string, cmd *exec.Cmd) error {
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	return cmd.Run()
}

// measure runs a program three times, and returns the run of the median wall time.
func measure(program string, n int, f files, args ...string) (figure, error) {
	const runs = 3
	var all []figure
	for range runs {
		cmd := exec.Command(args[0], args[1:]...)
		start := time.Now()
		if err := into(f.name("printed"), cmd); err != nil {
			return figure{}, fmt.Errorf("%s: %w", program, err)
		}
		state := cmd.ProcessState
		all = append(all, figure{program, n, time.Since(start),
			state.UserTime() + state.SystemTime(), peak(state)})
		fmt.Fprintf(os.Stderr, "%s of %d: %v\n", program, n, time.Since(start).Round(time.Millisecond))
	}
	return median(all), nil
}

// figures is the part of the page between its two marks.
func figures(sizes, programs []figure) string {
	var s strings.Builder
	fmt.Fprintf(&s, "As many patches as contacts, in another order, medians of three runs; %s %s/%s, %d cores, %s.\n\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), time.Now().UTC().Format(time.DateOnly))
	s.WriteString("| contacts | wall | processor | per contact | peak memory |\n| ---: | ---: | ---: | ---: | ---: |\n")
	for _, f := range sizes {
		fmt.Fprintf(&s, "| %d | %s | %s | %.1f µs | %d MiB |\n", f.contacts, seconds(f.wall), seconds(f.cpu),
			float64(f.wall.Nanoseconds())/float64(f.contacts)/1000, f.memory>>20)
	}
	s.WriteString("\n![Time for a contact, and peak memory, by the number of contacts](../benchmarks/bulk.svg)\n\n")
	fmt.Fprintf(&s, "%d contacts in the same run, beside the programs that people write for it "+
		"([jq](../benchmarks/bulk/merge.jq), [Python](../benchmarks/bulk/merge.py)), "+
		"which judge nothing and keep all patches in memory:\n\n", compared)
	s.WriteString("| program | wall | processor | peak memory |\n| --- | ---: | ---: | ---: |\n")
	for _, f := range programs {
		fmt.Fprintf(&s, "| %s | %s | %s | %d MiB |\n", f.program, seconds(f.wall), seconds(f.cpu), f.memory>>20)
	}
	return s.String()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// replace puts a text between the marks of a page.
func replace(page, text string) error {
	old, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(old), opening)
	_, after, ended := strings.Cut(rest, closing)
	if !found || !ended {
		return fmt.Errorf("%s has no place for the figures", page)
	}
	return os.WriteFile(page, []byte(before+opening+"\n"+text+"\n"+closing+after), 0o644)
}
