//go:build !wasip1

// These tests start the go command, which a program for WASI cannot.

package contracttest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact/internal/row"
)

// TestLicences: docs/releasing.md names the modules that the packages and their tests are built from, each with its
// licence, as its own file says.
func TestLicences(t *testing.T) {
	if testing.Short() {
		return // go list takes most of the time
	}
	type found struct {
		ImportPath string
		Standard   bool
		Module     *struct {
			Path, Dir string
			Main      bool
		}
	}
	rows := map[string]bool{}
	packages := strings.Fields(run(t, ".", "go", "list", "./..."))
	for _, tests := range []bool{false, true} {
		t.Run(row.Name(tests), func(t *testing.T) {
			args := append([]string{"list", "-deps", "-json=ImportPath,Standard,Module"}, packages...)
			if tests {
				args = slices.Insert(args, 1, "-test")
			} else { // internal/contracttest is for tests alone
				args = slices.DeleteFunc(args, func(arg string) bool { return arg == module+"/internal/contracttest" })
			}
			d := json.NewDecoder(strings.NewReader(run(t, ".", "go", args...)))
			for d.More() {
				var p found
				require.NoError(t, d.Decode(&p))
				if p.Standard || p.Module == nil || p.Module.Main {
					continue
				}
				used := "the packages"
				if tests && !rows[licenceRow(t, p.Module.Path, p.Module.Dir, used)] {
					used = "their tests"
				}
				rows[licenceRow(t, p.Module.Path, p.Module.Dir, used)] = true
			}
		})
	}
	page, err := os.ReadFile("docs/releasing.md")
	require.NoError(t, err)
	listed := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| ") && strings.Contains(line, ".") && strings.Contains(line, "/") {
			listed[strings.TrimSpace(line)] = true
		}
	}
	require.Equal(t, rows, listed)
}

// licenceRow is what the table says of a module.
func licenceRow(t *testing.T, module, dir, used string) string {
	files, err := filepath.Glob(filepath.Join(dir, "LICENSE*"))
	require.NoError(t, err)
	require.NotEmpty(t, files, module)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	var names []string
	for _, licence := range []struct{ name, phrase string }{
		{"Apache-2.0", "Apache License"},
		{"BSD-3-Clause", "Redistribution and use in source and binary forms"},
		{"MIT", "Permission is hereby granted, free of charge"},
	} {
		if strings.Contains(string(text), licence.phrase) {
			names = append(names, licence.name)
		}
	}
	require.NotEmpty(t, names, "the licence of %s", module)
	return "| " + module + " | " + strings.Join(names, ", ") + " | " + used + " |"
}
