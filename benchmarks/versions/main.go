// Command versions compares two versions of this library: the one of a git revision and the one in the
// working tree. Both are linked into one program, which runs them in turn, a millisecond each: two
// programs of the same code would differ by up to a quarter.
//
//	go run ./versions [-rounds N] [-run REGEXP] REVISION
//
// For each piece of work it prints the median time of the version in the working tree, and the median
// of its ratios to the other, round by round, with their quartiles. Below 1 the working tree is faster.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/partner-contacts/contact/benchmarks/bodies"
)

// pair is the program that runs both.
//
//go:embed pair.go.txt
var pair []byte

const (
	ours   = "github.com/partner-contacts/contact"
	before = "example.test/before"
)

func main() {
	rounds := flag.Int("rounds", 200, "rounds, of a millisecond for each version")
	only := flag.String("run", "", "a regular expression of the `names` of the work to do")
	flag.Parse()
	if flag.NArg() != 1 || *rounds < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := compare(flag.Arg(0), fmt.Sprint(*rounds), *only); err != nil {
		fmt.Fprintln(os.Stderr, "versions:", err)
		os.Exit(1)
	}
}

// compare builds the program in a temporary folder and runs it there.
func compare(revision, rounds, only string) error {
	top, err := exec.Command("git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return fmt.Errorf("git rev-parse: %w", err)
	}
	root := strings.TrimSpace(string(top))
	folder, err := os.MkdirTemp("", "versions")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	old := filepath.Join(folder, "before")
	archive := filepath.Join(folder, "before.tar")
	for _, command := range [][]string{
		{"git", "-C", root, "archive", "-o", archive, revision},
		{"mkdir", old},
		{"tar", "-xf", archive, "-C", old},
	} {
		if err := run(folder, command...); err != nil {
			return err
		}
	}
	if err := rename(old); err != nil {
		return err
	}
	set, err := bodies.Load(root)
	if err != nil {
		return err
	}
	for i, b := range set.All {
		name := fmt.Sprintf("%02d %s.json", i, strings.ReplaceAll(b.Name, "/", "-"))
		if err := os.WriteFile(filepath.Join(folder, name), b.Text, 0o600); err != nil {
			return err
		}
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return err
	}
	mod := fmt.Sprintf("module example.test/pair\n\ngo 1.26\n\nrequire (\n\t%[1]s v0.0.0\n\t%[2]s v0.0.0\n)\n\n"+
		"replace %[1]s => %[3]q\n\nreplace %[2]s => %[4]q\n", ours, before, root, old)
	for name, text := range map[string][]byte{"go.mod": []byte(mod), "go.sum": sums, "main.go": pair} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			return err
		}
	}
	if err := run(folder, "go", "build", "-mod=mod", "-o", "pair", "."); err != nil {
		return err
	}
	return run(folder, "./pair", rounds, only)
}

// rename gives the module of the other version, whose tests go, a path of its own.
func rename(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || entry.IsDir():
			return err
		case strings.HasSuffix(path, "_test.go"):
			return os.Remove(path)
		case !strings.HasSuffix(path, ".go") && filepath.Base(path) != "go.mod":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(strings.ReplaceAll(string(text), ours, before)), 0o600)
	})
}

func run(folder string, command ...string) error {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%v: %w", command, err)
	}
	return nil
}
