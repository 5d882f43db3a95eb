//go:build !unix

package main

import "os"

// endings are the signals that end the program.
var endings = []os.Signal{os.Interrupt}

// duplicate returns nil: no path leads to an open file here.
func duplicate(int, string) *os.File { return nil }

// alive reports whether there is a process of this number, which only a process that is there can be
// opened by.
func alive(pid int) bool {
	process, err := os.FindProcess(pid)
	if err == nil {
		process.Release()
	}
	return err == nil
}
