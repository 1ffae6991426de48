-- Whether everybody may read a repository, as its last delivery said; 0 also where no delivery has said it yet.
ALTER TABLE repository ADD COLUMN public bigint NOT NULL DEFAULT 0;
