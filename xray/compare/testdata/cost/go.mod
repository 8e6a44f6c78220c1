// What the function requires is in the .mod files beside this folder.
module cost

go 1.26.0
