package contact

// A module merges what it has read.
func tooDeep(string, int) (at int, deep bool) { return 0, false }
