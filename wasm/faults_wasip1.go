//go:build faults

package main

import "github.com/partner-contacts/contact"

// The program that the tests build with the tag faults fails on demand: the body of checkPatch says how.
func init() {
	run := operations[3].run
	operations[3].run = func(dst []byte, o contact.Options, args *[maxArgs][]byte) ([]byte, error) {
		switch string(args[0]) {
		case "panic":
			panic(string(args[0]))
		case "index":
			return dst[len(dst)+int(args[0][0]):][:1], nil
		case "stack":
			return dst[:deeper(len(dst))], nil
		case "memory":
			for hoard := [][]byte{}; ; {
				hoard = append(hoard, make([]byte, 256<<20))
				hoard[len(hoard)-1][0] = 1
			}
		}
		return run(dst, o, args)
	}
}

func deeper(n int) int {
	var room [1 << 10]byte
	room[n%len(room)] = 1
	return deeper(n+1) + int(room[0])
}
