package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// hostileLine is a line of the library's own benchmarks of hostile shapes: the benchmark, the shape,
// the size or the depth, and the speed.
var hostileLine = regexp.MustCompile(`(?m)^Benchmark(\w+)/(\S+)/(\w+)\s.*?(\d+)(?:\.\d+)? MB/s`)

const hostileIntro = `
## Hostile shapes

Bodies, and pairs of contacts, that are made of one costly thing, from the library's own benchmarks
(BenchmarkLinear, BenchmarkLinearMerge and BenchmarkDepth, whose code says what each is): megabytes a
second. The cost of a byte may not grow with the size of a body or with the depth that it stands at.
`

// hostile runs these benchmarks, each for benchtime as go test has it, and returns their tables.
func hostile(benchtime string) (string, error) {
	cmd := exec.Command("go", "test", "-run=^$", "-bench=^Benchmark(Linear|LinearMerge|Depth)$",
		"-benchtime="+benchtime, "-cpu=1", ".", "./internal/mergepatch")
	cmd.Dir, cmd.Stderr = "..", os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%v: %w\n%s", cmd, err, out)
	}
	return hostileTables(string(out)), nil
}

// hostileTables makes a table of each benchmark in the output of go test.
func hostileTables(out string) string {
	type row struct {
		shape string
		cells map[string]string
	}
	var s strings.Builder
	s.WriteString(hostileIntro)
	lines := hostileLine.FindAllStringSubmatch(out, -1)
	for len(lines) > 0 {
		benchmark := lines[0][1]
		var rows []row
		var columns []string
		for ; len(lines) > 0 && lines[0][1] == benchmark; lines = lines[1:] {
			shape, column, speed := lines[0][2], lines[0][3], lines[0][4]
			if !slices.Contains(columns, column) {
				columns = append(columns, column)
			}
			i := slices.IndexFunc(rows, func(r row) bool { return r.shape == shape })
			if i < 0 {
				i = len(rows)
				rows = append(rows, row{shape, map[string]string{}})
			}
			rows[i].cells[column] = speed
		}
		slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.shape, b.shape) })
		fmt.Fprintf(&s, "\n| %s | %s |\n| --- |%s\n", benchmark, strings.Join(columns, " | "), strings.Repeat(" ---: |", len(columns)))
		for _, r := range rows {
			fmt.Fprintf(&s, "| %s |", r.shape)
			for _, column := range columns {
				fmt.Fprintf(&s, " %s |", r.cells[column])
			}
			s.WriteByte('\n')
		}
	}
	return s.String()
}
