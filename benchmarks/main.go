// Command benchmarks does the work of one contact update with this library
// and with what a service would use instead, in one run, and writes
// RESULTS.md and chart.svg:
//
//	go generate . && go run .
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/partner-contacts/contact/benchmarks/bodies"
)

func main() {
	count := flag.Int("count", 15, "rounds; every figure is a median over them")
	benchtime := flag.Duration("benchtime", 100*time.Millisecond, "time for one contender at one work in one round; much less holds no whole number of garbage collections")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: go run . [-count N] [-benchtime D]\nMeasures, prints the tables and writes RESULTS.md and chart.svg.")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 || *count < 1 || *benchtime <= 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := benchmark(*count, *benchtime); err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

func benchmark(count int, benchtime time.Duration) error {
	b, err := bodies.Load("..")
	if err != nil {
		return err
	}
	cs, err := contenders()
	if err != nil {
		return err
	}
	r := report{bodies: b, contenders: cs, works: works(b), machine: describe(count, benchtime)}
	r.results, err = measure(r.works, cs, count, benchtime, func(round int) {
		fmt.Fprintf(os.Stderr, "\rround %d of %d", round+1, count)
	})
	fmt.Fprintln(os.Stderr)
	if err != nil {
		return err
	}
	if r.hostile, err = hostile(benchtime.String()); err != nil {
		return err
	}
	page := r.markdown()
	fmt.Print(page)
	if err := os.WriteFile("RESULTS.md", []byte(page), 0o644); err != nil {
		return err
	}
	return os.WriteFile("chart.svg", []byte(r.chart()), 0o644)
}

// A machine is what a reader must know of the run.
type machine struct {
	golang, cpu, date string
	count             int
	benchtime         time.Duration
	versions          map[string]string // by module path
}

func describe(count int, benchtime time.Duration) machine {
	m := machine{
		golang:    runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH,
		cpu:       cpuName(),
		date:      time.Now().UTC().Format(time.DateOnly),
		count:     count,
		benchtime: benchtime,
		versions:  map[string]string{},
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			m.versions[d.Path] = d.Version
		}
	}
	return m
}

// cpuName is the processor's name where the system tells it in a file.
func cpuName() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown CPU"
}
