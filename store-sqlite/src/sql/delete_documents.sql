delete from document where view = ?1
