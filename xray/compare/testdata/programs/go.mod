// What the programs require is in the .mod files beside this folder, one for each
// of what they are compiled against.
module programs

go 1.26.0
